import type { Problem } from '../core/errors.js';
import type { Json, JsonSchema } from '../core/json.js';
import { NodeFailure, Suspension, type ListItem, type NodeContext, type RunItemsOptions } from '../core/node-kind.js';
import type { NodeWait, StepOutcome } from '../core/events.js';
import { PAYLOAD_LIMITS } from '../core/payload-limits.js';
import type { NodeSlot, NodeSlotRequest } from '../core/node-slots.js';
import type { PlannedItem, PlannedNode } from '../workflow/plan.js';
import { compileSchema } from '../workflow/schema.js';
import { findDeadline } from './budgets.js';
import { LazyAbort } from './lazy-abort.js';
import { NodeSteps, type StepPlace } from './node-steps.js';
import type { PreparedNode } from './prepare-node.js';
import { describeFailure, type AttemptOutcome } from './retry.js';
import type { Session } from './session.js';
import { startChild } from './start-child.js';
import { toJson } from './to-json.js';

export interface AttemptParams {
  readonly session: Session;
  readonly node: PlannedNode;
  /** The node of the run whose progress and findings this attempt reports; null for an item of a map. */
  readonly reportsAs: string | null;
  readonly prepared: PreparedNode;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly steps: StepPlace;
  readonly runItems: (options: RunItemsOptions, abort: LazyAbort) => Promise<readonly StepOutcome[]>;
}

/** Does a node's work once, bounded by its time-out. Never throws: whatever happens becomes an outcome. */
export async function attemptNode(params: AttemptParams): Promise<AttemptOutcome> {
  const { session, node } = params;
  const abort = new LazyAbort(session.abort);
  const open = { value: true };
  let slot: NodeSlot | null = null;
  try {
    if (isWork(node)) {
      const taken = takeSlot(params);
      slot = taken instanceof Promise ? await heldUp(session, taken) : taken;
    }
    const startedAt = session.clock.now();
    const context = createContext(params, abort, open);
    const work = Promise.resolve(node.kind.execute(context));
    const end = findEnd(params);
    const output = await (end === null ? work : withinTime(params, work, end, abort));
    if (output instanceof Suspension) return { status: 'waiting', wait: boundWait(output.wait, node, startedAt) };
    return { status: 'completed', output: toJson(output) };
  } catch (thrown) {
    return describeFailure(thrown);
  } finally {
    open.value = false;
    slot?.release();
    abort.leaveParent();
  }
}

/** A time-out bounds the wait too; what is waited for by the clock has its end already. */
function boundWait(wait: NodeWait, { timeoutMs }: PlannedNode, startedAt: number): NodeWait {
  if (timeoutMs === null || wait.for === 'time') return wait;
  const last = startedAt + timeoutMs;
  return { ...wait, until: wait.until === null ? last : Math.min(wait.until, last) };
}

/** A node that holds another works through that one, whose attempts take slots of their own; one that waits works not at all. */
function isWork({ inner, kind }: PlannedNode): boolean {
  return inner === null && kind.waits !== true;
}

/** Waits until the limits allow the work; the time-out counts from then. */
function takeSlot({ session, node }: AttemptParams): NodeSlot | Promise<NodeSlot> {
  return session.slots.take(new SlotRequest(session, node));
}

/** A class for its getter's sake: the signal is made only when there is something to wait for. */
class SlotRequest implements NodeSlotRequest {
  readonly runId: string;
  readonly nodeId: string;
  readonly organizationId: string;
  readonly workflowId: string;
  readonly resource: string | null;
  readonly priority: number;
  readonly #session: Session;

  constructor(session: Session, { id, resource }: PlannedNode) {
    const end = id.indexOf('/');
    this.runId = session.info.id;
    this.nodeId = end === -1 ? id : id.slice(0, end);
    this.organizationId = session.organization.id;
    this.workflowId = session.info.workflowId;
    this.resource = resource;
    this.priority = session.log.run.priority ?? 0;
    this.#session = session;
  }

  get signal(): AbortSignal {
    return this.#session.abort.signal;
  }
}

async function heldUp(session: Session, taken: Promise<NodeSlot>): Promise<NodeSlot> {
  session.held += 1;
  try {
    return await taken;
  } finally {
    session.held -= 1;
  }
}

interface WorkEnd {
  readonly leftMs: number;
  readonly failure: NodeFailure;
}

/** When work that is not done by then is given up: by the node's time-out, or the seconds of a budget. */
function findEnd({ session, node, steps }: AttemptParams): WorkEnd | null {
  const deadline = findDeadline(session, steps.nodeId);
  const { timeoutMs } = node;
  if (timeoutMs === null || (deadline !== null && deadline.leftMs < timeoutMs)) return deadline;
  const message = `${node.label ?? node.id} took longer than its time-out of ${timeoutMs} ms`;
  return { leftMs: timeoutMs, failure: new NodeFailure(message, { kind: 'timeout' }) };
}

async function withinTime(
  { session }: AttemptParams,
  work: Promise<unknown>,
  { leftMs, failure }: WorkEnd,
  abort: LazyAbort,
): Promise<unknown> {
  let cancelTimer = (): void => undefined;
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
  }
}

/** `open` turns false when the attempt is over; reports of work that goes on regardless are then ignored. */
function createContext(params: AttemptParams, abort: LazyAbort, open: { value: boolean }): NodeContext {
  const { session, node, prepared, reportsAs } = params;
  let made: NodeSteps | null = null;
  const steps = (): NodeSteps => (made ??= new NodeSteps({ session, place: params.steps, abort }));
  return {
    input: prepared.input,
    fields: prepared.fields,
    get signal() {
      return abort.signal;
    },
    attempt: params.attempt,
    idempotencyKey: params.idempotencyKey,
    instruction: session.instruction,
    node: { id: node.id, role: node.role, label: node.label },
    run: session.info,
    organization: session.organization,
    log: session.logger,
    progress: (percent, message) => {
      if (!open.value || reportsAs === null) return;
      session.log.stageProgress(reportsAs, toPercent(percent), toMessage(message));
    },
    findings: (text) => {
      if (!open.value || reportsAs === null) return;
      if (typeof text !== 'string') throw new TypeError(`findings() takes a text, not ${typeof text}`);
      session.log.stageFindings(reportsAs, text.slice(0, PAYLOAD_LIMITS.findings));
    },
    handler: () => {
      if (node.handler === null) throw new NodeFailure('This node names no handler', { kind: 'handler_missing' });
      return session.resolveHandler(node.handler);
    },
    list: (field) => (node.lists[field] ?? []).map((item) => listItem(params, item)),
    runItems: (options) => params.runItems(options, abort),
    step: (key, work) => steps().step(key, work),
    generate: (request) => steps().generate(request),
    callModel: (key, request, options) => steps().callModel(key, request, options),
    mcp: session.mcp,
    now: () => session.clock.now(),
    startRun: (options) => startChild({ session, nodeId: node.id, attempt: params.attempt, options }),
    runChild: (key, options) =>
      steps().runChild(key, () =>
        startChild({ session, nodeId: node.id, attempt: params.attempt, options, step: key }),
      ),
    describeWorkflow: (workflowId) => session.children.describe({ workflowId }),
    checkJson,
  };
}

function listItem({ session, prepared }: AttemptParams, item: PlannedItem): ListItem {
  const { values, fields, handler } = item;
  return {
    values,
    has: (name) => name in values || name in fields,
    evaluate: async (name, args) => {
      const field = fields[name];
      if (field === undefined) throw new NodeFailure(`There is no "${name}"`, { kind: 'invalid_config' });
      const value = await field.value.evaluate({ args, ...prepared.scope });
      const problems = field.check(value).map(({ path, message }) => `${name}${path}: ${message}`);
      if (problems.length === 0) return value;
      throw new NodeFailure(problems.join('; '), { kind: 'invalid_config', retryable: false });
    },
    handler: () => {
      if (handler === null) throw new NodeFailure('This item names no handler', { kind: 'handler_missing' });
      return session.resolveHandler(handler);
    },
  };
}

function checkJson(schema: JsonSchema, value: Json): readonly Problem[] {
  const compiled = compileSchema(schema);
  if (compiled.status === 'ok') return compiled.check(value);
  const faults = compiled.faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  throw new NodeFailure(`This is no JSON Schema: ${faults}`, { kind: 'invalid_config', retryable: false });
}

function toMessage(message: unknown): string | null {
  if (message === undefined || message === null) return null;
  if (typeof message !== 'string') throw new TypeError(`progress() takes a text as its message, not ${typeof message}`);
  return message.slice(0, PAYLOAD_LIMITS.progressMessage);
}

function toPercent(percent: number): number {
  if (typeof percent !== 'number' || Number.isNaN(percent)) {
    throw new TypeError(`progress() takes a number from 0 to 100, not ${String(percent)}`);
  }
  return Math.min(100, Math.max(0, percent));
}
