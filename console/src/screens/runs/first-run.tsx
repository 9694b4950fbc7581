import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { sampleValue } from '@core/handlers/sample-value.js';
import { serverUrl } from '../../api/client.js';
import { workflowsQuery } from '../../api/queries.js';
import { CodeBlock } from '../../design/code-block.js';
import { text } from '../../text/en.js';
import { cliStart } from '../workflows/cli-start.js';

const t = text.runs.first;

/** What an organization sees that has no runs: how one of its workflows is started. */
export function FirstRun(): ReactNode {
  const { data: workflows } = useQuery(workflowsQuery);
  const workflow = workflows?.find(({ ready }) => ready);
  return (
    <section className="space-y-3 rounded-lg border border-line bg-panel p-6">
      <h2 className="text-lg">{t.title}</h2>
      <p>{t.about}</p>
      {workflow !== undefined && (
        <>
          <p>
            <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }}>
              {t.here(workflow.name)}
            </Link>{' '}
            · <Link to="/connect">{text.connect.title}</Link>
          </p>
          <CodeBlock
            label={t.terminal}
            code={`export ERRAND_URL=${serverUrl} ERRAND_API_KEY=sk_live_…\n${cliStart(workflow.id, sampleValue(workflow.input_schema, 'required'))}`}
          />
        </>
      )}
      {workflows?.length === 0 && <p>{text.workflows.none}</p>}
    </section>
  );
}
