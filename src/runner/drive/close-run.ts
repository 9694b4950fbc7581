import { errorMessage } from '../../core/errors.js';
import { cutText } from '../../core/text/cut-text.js';
import { RUN_FAILED_FIRST, type RunEventBody } from '../../core/run/events.js';
import { isNodeEnded, type NodeExecution } from '../../core/run/node-execution.js';
import type { RunError } from '../../core/run/run.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { Plan } from '../../workflow/plan/plan.js';
import type { DriveContext } from '../attempt/drive-context.js';
import type { CommitRefused } from '../log/run-log.js';
import { computeChargeWithoutResult } from './end-run.js';

/** What it takes to end a run. */
interface ClosingContext extends Pick<DriveContext, 'log' | 'abort' | 'children' | 'logger'> {
  /** Null when it cannot be made any more. */
  readonly plan: Pick<Plan, 'charge'> | null;
}

interface Closing {
  /** What nodes that still work, and runs that nodes wait for, are told. */
  readonly reason: string;
  readonly childReason: string;
  readonly closeNode: (node: NodeExecution) => RunEventBody;
  readonly end: Extract<RunEventBody, { kind: 'run.failed' | 'run.cancelled' }>;
}

/** Ends a run as failed, whatever its nodes are doing. Resolves once that is durable. */
export function failRun(session: ClosingContext, error: RunError): Promise<true> {
  return closeRun(session, {
    reason: `The run has failed: ${error.message}`,
    childReason: 'the run that started it has failed',
    closeNode: ({ id, status }) =>
      status === 'pending'
        ? { kind: 'node.skipped', nodeId: id, reason: RUN_FAILED_FIRST, because: 'run_failed' }
        : { kind: 'node.cancelled', nodeId: id },
    end: { kind: 'run.failed', error },
  });
}

/** The same as cancelled. */
export function cancelRun(session: ClosingContext, reason: string): Promise<true> {
  return closeRun(session, {
    reason: `The run was cancelled: ${reason}`,
    childReason: `the run that started it was cancelled: ${reason}`,
    closeNode: ({ id }) => ({ kind: 'node.cancelled', nodeId: id }),
    end: { kind: 'run.cancelled', reason },
  });
}

/** What a run fails with whose events the store refuses. */
export function errorOfRefusal({ message }: CommitRefused): RunError {
  const told = `What came of the run could not be recorded: ${message}`;
  return { kind: 'not_recordable', message: cutText(told, PAYLOAD_LIMITS.errorMessage), nodeId: null };
}

async function closeRun(session: ClosingContext, { reason, childReason, closeNode, end }: Closing): Promise<true> {
  const { log, abort } = session;
  abort.abort(new Error(reason));
  const { nodes } = log.run;
  for (const node of nodes) if (!isNodeEnded(node.status)) log.append(closeNode(node));
  log.append({ ...end, ...computeChargeWithoutResult(session) });
  await log.commit();
  for (const node of nodes) cancelChild(session, node, childReason);
  return true;
}

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
