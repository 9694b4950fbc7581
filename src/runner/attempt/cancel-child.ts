import { errorMessage } from '../../core/errors.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { DriveContext } from './drive-context.js';

/** Cancels the run that a node waits for, if it waits for one. */
export function cancelChild(
  session: Pick<DriveContext, 'log' | 'children' | 'logger'>,
  { waitingFor, childRunId }: NodeExecution,
  reason: string,
): void {
  const { log, children, logger } = session;
  if (waitingFor !== 'run' || childRunId === undefined) return;
  const { organizationId } = log.run;
  children.cancel({ organizationId, runId: childRunId, reason }).catch((error: unknown) => {
    logger.error({ runId: childRunId, error: errorMessage(error) }, 'A run could not be cancelled with its parent');
  });
}

/**
 * The same once it is durable that the node does not wait any more: before, whoever resumes must find that run as it
 * was.
 */
export function cancelChildOnceKept(
  session: Pick<DriveContext, 'log' | 'children' | 'logger'>,
  execution: NodeExecution,
  reason: string,
): void {
  if (execution.waitingFor !== 'run') return;
  session.log.commit().then(
    () => cancelChild(session, execution, reason),
    () => undefined,
  );
}
