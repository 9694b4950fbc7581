import { errorMessage } from '../../core/errors.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { EndedAttempt } from '../attempt/retry.js';
import type { DriveContext } from '../attempt/drive-context.js';
import { stepOutcome } from './wait-outcome.js';

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

/** Makes what a run came to the outcome of the step that waited for it. Resolves once that is durable. */
export function rememberRun(params: {
  readonly session: DriveContext;
  readonly nodeId: string;
  /** The step's whole key. */
  readonly key: string;
  readonly ended: EndedAttempt;
}): Promise<void> {
  const { session, nodeId, key, ended } = params;
  const { log, memory, content } = session;
  if (memory.recall(key) !== null) return log.commit();
  const output = content.keepResult(stepOutcome(ended), log.run.id);
  return memory.remember({ nodeId, key, outcome: { status: 'completed', output }, usage: null });
}
