import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiNode, ApiRun } from '@api/api-types.js';
import { workflowsQuery } from '../../../api/queries.js';
import { text } from '../../../text/en.js';
import { nameOf } from '../node/node-name.js';

const t = text.actions;
const MAX_NAMED = 12;

/** What an action does to the nodes, and what it costs. */
export function Effect({
  again,
  kept,
  keptLabel = t.kept,
  credits,
}: {
  readonly again: readonly ApiNode[];
  readonly kept: readonly ApiNode[];
  readonly keptLabel?: string;
  readonly credits: number;
}): ReactNode {
  const hasPaid = again.some(({ usage }) => usage !== null);
  return (
    <div className="space-y-2 rounded-md bg-sunken p-3 text-sm">
      <NodeNames label={t.again} nodes={again} />
      <NodeNames label={keptLabel} nodes={kept} />
      <p>
        {t.cost(credits)} {hasPaid && t.modelCost}
      </p>
    </div>
  );
}

function NodeNames({ label, nodes }: { readonly label: string; readonly nodes: readonly ApiNode[] }): ReactNode {
  if (nodes.length === 0) return null;
  const names = nodes.slice(0, MAX_NAMED).map(nameOf).join(', ');
  return (
    <p className="wrap-anywhere">
      <b className="font-semibold">
        {label} ({nodes.length}):
      </b>{' '}
      {names}
      {nodes.length > MAX_NAMED && ' …'}
    </p>
  );
}

/** What a run of the workflow costs now. */
export function useCredits({ workflow_id: id }: ApiRun): number {
  const { data: workflows = [] } = useQuery(workflowsQuery);
  return workflows.find((workflow) => workflow.id === id)?.credits ?? 0;
}
