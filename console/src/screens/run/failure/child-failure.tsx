import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { runQuery } from '../../../api/queries.js';
import { RunLink } from '../../../design/run-link.js';
import { text } from '../../../text/en.js';
import { adviceOn } from '../node/advice.js';
import { nameOf } from '../node/node-name.js';

/** Where the run that a node started has failed. */
export function ChildFailure({ runId }: { readonly runId: string }): ReactNode {
  const { data: run } = useQuery(runQuery(runId));
  if (run === undefined || run.error === null) return null;
  const { error } = run;
  const node = run.nodes.find(({ id }) => id === error.node_id);
  return (
    <div className="wrap-anywhere">
      {text.failure.inChild(run.workflow_name)}{' '}
      <RunLink runId={runId}>{node === undefined ? text.failure.itself : text.failure.atNode(nameOf(node))}</RunLink>
      <p className="text-sm text-soft">{adviceOn(error, node ?? null)}</p>
    </div>
  );
}
