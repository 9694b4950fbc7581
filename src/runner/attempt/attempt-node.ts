import { errorMessage } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { NodeFailure, Suspension } from '../../core/handlers/node-kind.js';
import type { NodeWait } from '../../core/run/events.js';
import type { NodeSlot, NodeSlotRequest, WorkerPool } from '../../core/ports/node-slots.js';
import { isInnerPath, rootOf } from '../../core/run/paths/node-path.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import { AttemptContext, type AttemptParams } from './attempt-context.js';
import { findDeadline } from './budgets.js';
import { LazyAbort } from '../timing/lazy-abort.js';
import { describeFailure, type AttemptOutcome } from '../timing/retry.js';
import type { DriveContext } from './drive-context.js';
import { assertSize, toJson } from '../../workflow/plan/to-json.js';

/** Does a node's work once, bounded by its time-out. Never throws: whatever happens becomes an outcome. */
export async function attemptNode(params: AttemptParams): Promise<AttemptOutcome> {
  const { session, node } = params;
  const abort = new LazyAbort(params.parent);
  let context: AttemptContext | null = null;
  let slot: NodeSlot | null = null;
  /** Work that may go on after its attempt has ended. */
  let cutOff: Promise<unknown> | null = null;
  try {
    if (isWork(node)) {
      const taken = takeSlot(params);
      slot = taken instanceof Promise ? await heldUp(session, taken) : taken;
    }
    const startedAt = params.beganAt ?? session.clock.now();
    context = new AttemptContext(params, abort);
    const begun = isWork(node) && node.kind.handsOver !== true ? context.beginWork() : null;
    if (begun !== null) await begun;
    const work = Promise.resolve(execute(params, context));
    const end = findEnd(params);
    let output: unknown;
    if (end === null) output = await work;
    else {
      cutOff = work;
      output = await withinTime(params, work, end, abort);
      cutOff = null;
    }
    if (output instanceof Suspension) return { status: 'waiting', wait: boundWait(output.wait, node, startedAt) };
    const made = node.kind.givesJson === true ? assertSize(output as Json) : toJson(output);
    const clean = session.secrets.jsonInTurns(made instanceof Promise ? await made : made);
    return { status: 'completed', output: clean instanceof Promise ? await clean : clean };
  } catch (thrown) {
    // Callers may be told less than whoever runs the server needs to know.
    const told = {
      organizationId: session.organization.id,
      runId: session.info.id,
      nodeId: params.progressNodeId ?? node.id,
      attempt: params.attempt,
      error: session.secrets.text(errorMessage(thrown)),
    };
    session.logger.info(told, 'An attempt at a node failed');
    return describeFailure(thrown, session.secrets);
  } finally {
    context?.close();
    if (cutOff === null) slot?.release();
    else if (slot !== null) releaseAfter(cutOff, slot);
    abort.leaveParent();
  }
}

function execute(params: AttemptParams, context: AttemptContext): unknown {
  const { session, node, attempt } = params;
  const { tracing } = session;
  const { run } = session.log;
  if (tracing === null || run.trace === undefined) return node.kind.execute(context);
  const { nodeId: path } = params.steps;
  const item = params.progressNodeId === null ? node.id : isInnerPath(path) ? path : null;
  const traced = { run, nodeId: rootOf(path), attempt, item };
  return tracing.inAttempt(traced, context, (bound) => node.kind.execute(bound));
}

/** What a time-out cuts off holds what it uses until it has really ended. */
function releaseAfter(work: Promise<unknown>, slot: NodeSlot): void {
  const release = (): void => slot.release();
  work.then(release, release);
}

/** A time-out bounds the wait too; what is waited for by the clock has its end already. */
function boundWait(wait: NodeWait, { timeoutMs }: PlannedNode, startedAt: number): NodeWait {
  if (timeoutMs === null || wait.for === 'time') return wait;
  const last = startedAt + timeoutMs;
  return { ...wait, until: wait.until === null ? last : Math.min(wait.until, last) };
}

/**
 * A node that holds another works through that one, whose attempts take slots of their own; one that waits works not at
 * all.
 */
function isWork({ inner, body, kind }: PlannedNode): boolean {
  return inner === null && body === null && kind.waits !== true;
}

/** Waits until the limits allow the work; the time-out counts from then. */
function takeSlot(params: AttemptParams): NodeSlot | Promise<NodeSlot> {
  return params.session.slots.take(new SlotRequest(params));
}

/** A class for its getter's sake: the signal is made only when there is something to wait for. */
class SlotRequest implements NodeSlotRequest {
  readonly runId: string;
  readonly nodeId: string;
  readonly organizationId: string;
  readonly workflow: string;
  readonly resource: string | null;
  readonly pool: WorkerPool | null;
  readonly priority: number;
  readonly #abort: LazyAbort;

  constructor({ session, node, steps, parent }: AttemptParams) {
    const { resource, kind } = node;
    this.runId = session.info.id;
    this.nodeId = rootOf(steps.nodeId);
    this.organizationId = session.organization.id;
    this.workflow = workflowKeyOfRun(session.log.run);
    this.resource = resource;
    this.pool = kind.pool ?? null;
    this.priority = session.log.run.priority ?? 0;
    this.#abort = parent;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }
}

async function heldUp(session: DriveContext, taken: Promise<NodeSlot>): Promise<NodeSlot> {
  session.waitingForSlot += 1;
  try {
    return await taken;
  } finally {
    session.waitingForSlot -= 1;
  }
}

interface WorkEnd {
  readonly leftMs: number;
  readonly failure: NodeFailure;
}

/** When work that is not done by then is given up: by the node's time-out, or the seconds of a budget. */
function findEnd({ session, node, steps, beganAt }: AttemptParams): WorkEnd | null {
  const deadline = session.plan.isBudgeted ? findDeadline(session, steps.nodeId) : null;
  const { timeoutMs } = node;
  if (timeoutMs === null) return deadline;
  const leftMs = beganAt === null ? timeoutMs : Math.max(0, beganAt + timeoutMs - session.clock.now());
  if (deadline !== null && deadline.leftMs < leftMs) return deadline;
  const message = `${node.label ?? node.id} took longer than its time-out of ${timeoutMs} ms`;
  return { leftMs, failure: new NodeFailure(message, { kind: 'timeout' }) };
}

async function withinTime(
  { session, node, steps }: AttemptParams,
  work: Promise<unknown>,
  { leftMs, failure }: WorkEnd,
  abort: LazyAbort,
): Promise<unknown> {
  let cancelTimer = (): void => undefined;
  if (node.holds) session.inside.waits.setDeadline(steps.nodeId, session.clock.now() + leftMs);
  const timedOut = new Promise<never>((_, reject) => {
    cancelTimer = session.clock.schedule(leftMs, () => {
      reject(failure);
      abort.abort(failure);
    });
  });
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    cancelTimer();
    if (node.holds) session.inside.waits.setDeadline(steps.nodeId, null);
  }
}
