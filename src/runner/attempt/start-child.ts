import { type ErrandError, isErrandError } from '../../core/errors.js';
import { pauseUntil } from '../../core/ports/clock.js';
import { NodeFailure, type StartRunOptions } from '../../core/handlers/node-kind.js';
import { findExecution } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import { outcomeOfChild } from '../waits/wait-outcome.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import type { DriveContext } from './drive-context.js';

/** Runs start runs only to this depth, so that workflows that call each other in a circle come to an end. */
export const MAX_DEPTH = 10;

const UNAVAILABLE_RETRY_MS = 1_000;
/** Between looks at a run that has been told to end, where it is still at it. */
const EARLIER_LOOK_MS = 50;

/**
 * Starts a run for an attempt at a node, once: whoever resumes the attempt gets the same run. It begins when the run
 * that the node had started before has ended; one that has completed meanwhile is taken in its place.
 */
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
      const earlier = step === undefined ? await endEarlier(params) : null;
      const { id, organizationId } = earlier ?? (await session.children.start(start));
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

/**
 * Sees to it that the run that the node started in an earlier attempt, or before its run was retried, has ended, and with
 * that has given back what it had reserved. Gives it when it has come to what the node waits for: its credits are paid.
 */
async function endEarlier({ session, nodeId, abort }: Parameters<typeof startChild>[0]): Promise<Run | null> {
  const { log, children, clock } = session;
  const runId = findExecution(log.run.nodes, nodeId)?.childRunId;
  if (runId === undefined) return null;
  const { organizationId } = log.run;
  for (let looks = 0; ; looks += 1) {
    const earlier = await children.get({ organizationId, runId });
    if (earlier === null) return null;
    if (isTerminal(earlier.status)) return outcomeOfChild(earlier)?.status === 'completed' ? earlier : null;
    if (looks > 0) await pauseUntil(clock, clock.now() + EARLIER_LOOK_MS, abort.signal);
    await children.cancel({ organizationId, runId, reason: 'the node that started it starts again' });
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
