import { type ErrandError, isErrandError } from '../../core/errors.js';
import { pauseUntil } from '../../core/ports/clock.js';
import { NodeFailure, type StartRunOptions } from '../../core/handlers/node-kind.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import type { DriveContext } from './drive-context.js';

/** Runs start runs only to this depth, so that workflows that call each other in a circle come to an end. */
export const MAX_DEPTH = 10;

const UNAVAILABLE_RETRY_MS = 1_000;

/** Starts a run for an attempt at a node, once: whoever resumes the attempt gets the same run. */
export async function startChild(params: {
  readonly session: DriveContext;
  readonly nodeId: string;
  readonly attempt: number;
  readonly options: StartRunOptions;
  /** The step of the attempt that it is started for, when it is not the attempt itself. */
  readonly step?: string;
  /** What ends the attempt. */
  readonly abort: LazyAbort;
}): Promise<{ readonly runId: string }> {
  const { session, nodeId, attempt, options, step, abort } = params;
  const { run } = session.log;
  const depth = (run.parent?.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) {
    throw new NodeFailure(`Runs start runs only ${MAX_DEPTH} deep`, { kind: 'too_deep', retryable: false });
  }
  const start = {
    ...options,
    organizationId: run.organizationId,
    owner: session.plan.owner,
    parent: { runId: run.id, nodeId, depth },
    sharedBudgets: run.sharedBudgets,
    instruction: session.instruction,
    priority: run.priority ?? 0,
    // A run that is retried counts its attempts again.
    key: [
      nodeId,
      attempt,
      ...(run.retries === undefined ? [] : [run.retries.count]),
      ...(step === undefined ? [] : [`~${step}`]),
    ].join(':'),
  };
  for (;;) {
    try {
      const { id, organizationId } = await session.children.start(start);
      if (abort.aborted && !session.mailbox.left) {
        await session.children.cancel({ organizationId, runId: id, reason: 'the run that started it has ended' });
      }
      return { runId: id };
    } catch (thrown) {
      if (!isErrandError(thrown)) throw thrown;
      // A store that cannot be written just now is no reason for a node to fail.
      if (thrown.code !== 'unavailable') throw toFailure(options.workflowId, kindOf(thrown), thrown.message);
      await pauseUntil(session.clock, session.clock.now() + UNAVAILABLE_RETRY_MS, abort.signal);
    }
  }
}

/** The kind of the failure of a node whose run was refused. */
function kindOf({ code, details }: ErrandError): string {
  return details['reason'] === 'shared_budget' ? 'budget_exceeded' : code;
}

function toFailure(workflowId: string, code: string, message: string): NodeFailure {
  return new NodeFailure(`Workflow ${workflowId} could not be started: ${message}`, {
    kind: code,
    retryable: code === 'insufficient_credits',
  });
}
