import { cutText } from '../../core/text/cut-text.js';
import { RUN_FAILED_FIRST, type RunEventBody } from '../../core/run/events.js';
import { isNodeEnded, listExecutions, type NodeExecution } from '../../core/run/node-execution.js';
import type { RunError } from '../../core/run/run.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { Plan } from '../../workflow/plan/plan.js';
import type { DriveContext } from '../attempt/drive-context.js';
import type { AuditFact } from '../../core/tenant/audit.js';
import type { RunOrder } from '../ports/run-mailbox.js';
import type { CommitRefused } from '../log/run-log.js';
import { cancelChild } from '../attempt/cancel-child.js';
import { computeChargeWithoutResult } from './end-run.js';

/** What it takes to end a run. */
interface ClosingContext extends Pick<DriveContext, 'log' | 'abort' | 'children' | 'logger'> {
  /** Null when it cannot be made any more. */
  readonly plan: Pick<Plan, 'charge' | 'price'> | null;
}

interface Closing {
  /** What nodes that still work, and runs that nodes wait for, are told. */
  readonly reason: string;
  readonly childReason: string;
  readonly closeNode: (node: NodeExecution) => RunEventBody;
  readonly end: Extract<RunEventBody, { kind: 'run.failed' | 'run.cancelled' }>;
  readonly audit?: AuditFact | undefined;
}

type CancelOrder = Omit<Extract<RunOrder, { kind: 'cancel' }>, 'kind'>;

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
export function cancelRun(session: ClosingContext, { reason, audit }: CancelOrder): Promise<true> {
  return closeRun(session, {
    reason: `The run was cancelled: ${reason}`,
    childReason: `the run that started it was cancelled: ${reason}`,
    closeNode: ({ id }) => ({ kind: 'node.cancelled', nodeId: id }),
    end: { kind: 'run.cancelled', reason },
    audit,
  });
}

/** What a run fails with whose events the store refuses. */
export function errorOfRefusal({ message }: CommitRefused): RunError {
  const told = `What came of the run could not be recorded: ${message}`;
  return { kind: 'not_recordable', message: cutText(told, PAYLOAD_LIMITS.errorMessage), nodeId: null };
}

async function closeRun(session: ClosingContext, closing: Closing): Promise<true> {
  const { reason, childReason, closeNode, end, audit } = closing;
  const { log, abort } = session;
  abort.abort(new Error(reason));
  const { nodes } = log.run;
  for (const node of nodes) if (!isNodeEnded(node.status)) log.append(closeNode(node));
  log.append({ ...end, ...computeChargeWithoutResult(session) }, audit);
  await log.commit();
  for (const node of listExecutions(nodes)) cancelChild(session, node, childReason);
  return true;
}
