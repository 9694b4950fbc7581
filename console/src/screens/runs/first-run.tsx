import type { ReactNode } from 'react';
import { serverUrl } from '../../api/client.js';
import { CopyButton } from '../../design/copy-button.js';
import { text } from '../../text/en.js';

const COMMAND = `export ERRAND_URL=${serverUrl} ERRAND_API_KEY=sk_live_…
npx errand run enrich_contact --input '{"email": "ada@example.com"}' --watch`;

/** What an organization sees that has no runs. */
export function FirstRun(): ReactNode {
  return (
    <section className="rounded-lg border border-line bg-panel p-6">
      <h2 className="mb-2 text-lg">{text.runs.emptyTitle}</h2>
      <p className="mb-3">{text.runs.empty}</p>
      <pre tabIndex={0} className="mb-2 overflow-x-auto rounded-md bg-sunken p-3 font-mono text-sm">
        {COMMAND}
      </pre>
      <CopyButton value={COMMAND} />
    </section>
  );
}
