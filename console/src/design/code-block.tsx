import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.js';

/** Something to paste elsewhere. */
export function CodeBlock({ label, code }: { readonly label: string; readonly code: string }): ReactNode {
  return (
    <div className="relative">
      <pre
        tabIndex={0}
        aria-label={label}
        className="overflow-x-auto rounded-md bg-sunken p-3 pr-20 font-mono text-[0.8125rem] leading-relaxed"
      >
        {code}
      </pre>
      <div className="absolute top-2 right-2 rounded bg-panel">
        <CopyButton value={code} />
      </div>
    </div>
  );
}
