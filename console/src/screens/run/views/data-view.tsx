import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import type { Json } from '@core/json.js';
import { workflowsQuery } from '../../../api/queries.js';
import { ValueView } from '../../../design/value-view.js';
import { text } from '../../../text/en.js';
import { StartSnippets } from '../../workflows/snippets.js';
import type { RunHistory } from '../history/history.js';

const t = text.data;

/** Longer ones make no line for a shell. */
const MAX_INPUT = 4_000;

function isShort(input: Json | undefined): boolean {
  return input !== undefined && JSON.stringify(input).length <= MAX_INPUT;
}

/** What went into a run and what came of it. */
export function DataView({ run, history }: { readonly run: ApiRun; readonly history: RunHistory }): ReactNode {
  const { data: workflows } = useQuery(workflowsQuery);
  // Other versions may have other schemas.
  const workflow = workflows?.find(({ id, version }) => id === run.workflow_id && version === run.workflow_version);
  return (
    <div className="grid gap-px bg-line lg:grid-cols-2">
      <div className="min-w-0 bg-panel p-4">
        <ValueView
          title={t.input}
          value={history.input}
          schema={workflow?.input_schema ?? null}
          missing={text.common.loading}
        />
        {history.instruction !== null && (
          <>
            <h3 className="mt-4 mb-1 font-semibold">{t.instruction}</h3>
            <p className="whitespace-pre-wrap wrap-anywhere">{history.instruction}</p>
          </>
        )}
      </div>
      <div className="min-w-0 bg-panel p-4">
        <ValueView
          title={t.output}
          value={run.output}
          schema={workflow?.output_schema ?? null}
          missing={run.terminal ? t.noneEnded : t.none}
        />
      </div>
      {isShort(history.input) && (
        <div className="min-w-0 bg-panel p-4 lg:col-span-2">
          <h3 className="mb-2 font-semibold">{t.again}</h3>
          <StartSnippets workflowId={run.workflow_id} input={history.input ?? {}} />
        </div>
      )}
    </div>
  );
}
