import { cutText } from '../../core/text/cut-text.js';
import type { Json, JsonSchema } from '../../core/json.js';
import type { Isolation, LongText } from '../../core/ports/isolation.js';
import { FieldLogger, type Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { OutboundFetch } from '../../core/ports/outbound.js';
import { RemoteHandler, type AttemptBounds } from '../../core/handlers/handler-workers.js';
import { toFindings, toPercent, toProgressMessage } from '../../core/handlers/reports.js';
import {
  NodeFailure,
  type BoundHandler,
  type Handler,
  type HeldEnd,
  type ListItem,
  type HandlerContext,
  type NodeContext,
  type RemoteCall,
  type RoundsEnd,
  type RunInfo,
  type RunItemsOptions,
  type RunNodesOptions,
  type RunRoundsOptions,
} from '../../core/handlers/node-kind.js';
import { parseJson } from '../../core/text/parse-json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { HandlerRef } from '../../core/workflow/definition.js';
import type { StepOutcome } from '../../core/run/events.js';
import type { PlannedItem, PlannedNode } from '../../workflow/plan/plan.js';
import { checkForeign } from '../../workflow/schema/check-foreign.js';
import { chanceWithin } from '../../workflow/template/volatile.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import { CutOffs } from '../log/cut-offs.js';
import { NodeSteps, type StepPlace } from './node-steps.js';
import type { PreparedNode } from './prepare-node.js';
import type { DriveContext, NodePlace } from './drive-context.js';
import { emitEvent } from '../events/emit-event.js';
import { startChild } from './start-child.js';

/** In characters. Longer texts are read beside the server. */
const LONG_JSON = 100_000;

export interface AttemptParams {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  /**
   * The node, or node inside another, whose progress and findings this attempt reports; null for an item of a map that
   * has no record of its own.
   */
  readonly progressNodeId: string | null;
  /** What ends it. */
  readonly parent: LazyAbort;
  /** When an attempt began that holds others, and may be older than this process. */
  readonly beganAt: number | null;
  readonly prepared: PreparedNode;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly steps: StepPlace;
  /** Where the node stands; null for an item, which holds nothing. */
  readonly place: NodePlace | null;
  readonly inside: InsideAttempt;
}

/** How what stands inside a node is run. `abort` ends the attempt. */
export interface InsideAttempt {
  runItems(params: AttemptParams, options: RunItemsOptions, abort: LazyAbort): Promise<readonly StepOutcome[]>;
  runNodes(params: AttemptParams, options: RunNodesOptions, abort: LazyAbort): Promise<HeldEnd>;
  runRounds(params: AttemptParams, options: RunRoundsOptions, abort: LazyAbort): Promise<RoundsEnd>;
}

/**
 * What one attempt at a node works with. A class, and its functions made when something asks for them: most attempts
 * use two or three, and a literal with a getter in it would cost twenty times as much, as every one would have a shape
 * of its own.
 */
export class AttemptContext implements NodeContext, AttemptBounds {
  readonly input: Json;
  readonly fields: { readonly [name: string]: Json };
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly instruction: string | null;
  readonly node: NodeContext['node'];
  readonly run: RunInfo;
  readonly organization: NodeContext['organization'];
  readonly mcp: McpTools;
  readonly fetch: OutboundFetch;
  readonly #params: AttemptParams;
  readonly #abort: LazyAbort;
  #steps: NodeSteps | null = null;
  #log: Logger | null = null;
  #open = true;

  constructor(params: AttemptParams, abort: LazyAbort) {
    const { session, node, prepared } = params;
    this.input = prepared.input;
    this.fields = prepared.fields;
    this.attempt = params.attempt;
    this.idempotencyKey = params.idempotencyKey;
    this.instruction = session.instruction;
    this.node = { id: params.progressNodeId ?? node.id, role: node.role, label: node.label };
    this.run = session.info;
    this.organization = session.organization;
    this.mcp = session.mcp;
    this.fetch = session.outbound.fetch;
    this.#params = params;
    this.#abort = abort;
  }

  /** The attempt is over: reports of work that goes on regardless are ignored from now on. */
  close(): void {
    this.#open = false;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Its lines tell whose they are. */
  get log(): Logger {
    const { session, attempt } = this.#params;
    this.#log ??= new FieldLogger(session.logger, {
      organizationId: session.organization.id,
      runId: session.info.id,
      nodeId: this.node.id,
      attempt,
    });
    return this.#log;
  }

  get timeoutMs(): number | null {
    return this.#params.node.timeoutMs;
  }

  get progress(): NodeContext['progress'] {
    const { session, progressNodeId: reportsAs } = this.#params;
    return (percent, message) => {
      if (!this.#open || reportsAs === null) return;
      const given = toProgressMessage(message);
      const told = given === null ? null : session.secrets.text(given);
      const shown = told === null ? null : cutText(told, PAYLOAD_LIMITS.progressMessage);
      session.log.stageProgress(reportsAs, toPercent(percent), shown);
    };
  }

  get findings(): NodeContext['findings'] {
    const { session, progressNodeId: reportsAs } = this.#params;
    return (text) => {
      if (!this.#open || reportsAs === null) return;
      session.log.stageFindings(reportsAs, cutText(session.secrets.text(toFindings(text)), PAYLOAD_LIMITS.findings));
    };
  }

  get handler(): NodeContext['handler'] {
    const { session, node } = this.#params;
    return () => {
      if (node.handler === null) throw new NodeFailure('This node names no handler', { kind: 'handler_missing' });
      return bindHandler(session, node.handler, this);
    };
  }

  get list(): NodeContext['list'] {
    const { lists } = this.#params.node;
    return (field) => (lists[field] ?? []).map((item) => listItem(this.#params, item, this));
  }

  get runItems(): NodeContext['runItems'] {
    return (options) => this.#params.inside.runItems(this.#params, options, this.#abort);
  }

  get runNodes(): NodeContext['runNodes'] {
    return (options) => this.#params.inside.runNodes(this.#params, options, this.#abort);
  }

  get runRounds(): NodeContext['runRounds'] {
    return (options) => this.#params.inside.runRounds(this.#params, options, this.#abort);
  }

  get step(): NodeContext['step'] {
    return (key, work) => this.#ownSteps().step(key, work);
  }

  get toolStep(): NodeContext['toolStep'] {
    return (key, work, tool) => this.#ownSteps().toolStep(key, work, tool);
  }

  get generate(): NodeContext['generate'] {
    return (request) => this.#ownSteps().generate(request);
  }

  get callModel(): NodeContext['callModel'] {
    return (key, request, options) => this.#ownSteps().callModel(key, request, options);
  }

  get secrets(): NodeContext['secrets'] {
    return this.#params.session.secrets.handed;
  }

  get now(): NodeContext['now'] {
    const { clock } = this.#params.session;
    return () => clock.now();
  }

  get startRun(): NodeContext['startRun'] {
    const { session, steps, attempt, parent } = this.#params;
    return (options) => startChild({ session, nodeId: steps.nodeId, attempt, options, abort: parent });
  }

  get runChild(): NodeContext['runChild'] {
    const { session, steps, attempt, parent: abort } = this.#params;
    const { nodeId } = steps;
    return (key, options) =>
      this.#ownSteps().runChild(key, () => startChild({ session, nodeId, attempt, options, step: key, abort }));
  }

  get emit(): NodeContext['emit'] {
    const { session, idempotencyKey } = this.#params;
    const { organizationId, retries } = session.log.run;
    // A node that a person's retry resets tells it again.
    const dedupeKey = `emitted ${idempotencyKey} ${retries?.count ?? 0}`;
    return (event) => this.#ownSteps().step('emit', () => emitEvent(session, { ...event, organizationId, dedupeKey }));
  }

  get describeWorkflow(): NodeContext['describeWorkflow'] {
    const { children, plan } = this.#params.session;
    return (workflowId) => children.describe({ workflowId, owner: plan.owner });
  }

  get parseJson(): NodeContext['parseJson'] {
    const { plan, organization } = this.#params.session;
    return (text, { maxDepth }) =>
      plan.isolation === undefined || lengthOf(text) <= LONG_JSON
        ? parseJson(typeof text === 'string' ? text : text.join(''), { maxDepth })
        : plan.isolation.parse({ text, maxDepth, organizationId: organization.id });
  }

  get checkJson(): NodeContext['checkJson'] {
    const { isolation } = this.#params.session.plan;
    return (schema, value) => checkJson(schema, value, isolation);
  }

  onAbort(listener: (reason: Error) => void): () => void {
    return this.#abort.onAbort(listener);
  }

  get cutOffs(): number {
    const { session, steps } = this.#params;
    return session.cutOffs?.timesOf(steps.nodeId) ?? 0;
  }

  beginWork(): Promise<void> | null {
    const { session, steps } = this.#params;
    const kept = session.cutOffs === null ? null : session.cutOffs.beginWork(steps.nodeId);
    return kept === null ? this.#confirmClaim() : this.#confirmOnceKept(kept);
  }

  get freshMs(): number | null {
    return this.#params.session.claims?.freshMs ?? null;
  }

  async noteCutOff(times: number): Promise<void> {
    const { session } = this.#params;
    // Whoever takes the run up next finds what was at work.
    await session.log.commit();
    session.cutOffs ??= new CutOffs(session.log, 0);
    session.cutOffs.note(times);
    await session.keepCutOffs(times);
  }

  async #confirmOnceKept(kept: Promise<void>): Promise<void> {
    await kept;
    await this.#confirmClaim();
  }

  #confirmClaim(): Promise<void> | null {
    const { claims, info } = this.#params.session;
    return claims === null ? null : claims.confirm(info.id, this.#abort);
  }

  #ownSteps(): NodeSteps {
    const { session, steps: place } = this.#params;
    return (this.#steps ??= new NodeSteps({ session, place, abort: this.#abort }));
  }
}

/** A handler as node kinds call it, wherever it runs. */
function bindHandler(
  session: DriveContext,
  ref: HandlerRef,
  bounds: AttemptBounds,
): BoundHandler | Promise<BoundHandler> {
  const found = session.resolveHandler(ref, session.plan.handlersIn);
  const mayHaveToBegin = session.cutOffs !== null || session.claims !== null;
  return found instanceof Promise
    ? found.then((late) => bind(late, bounds, mayHaveToBegin))
    : bind(found, bounds, mayHaveToBegin);
}

function bind(found: Handler | RemoteHandler, bounds: AttemptBounds, mayHaveToBegin: boolean): BoundHandler {
  if (found instanceof RemoteHandler) return new BoundedCall(found, bounds);
  if (!mayHaveToBegin) return found;
  return async (context) => {
    const begun = bounds.beginWork();
    if (begun !== null) await begun;
    return found(context);
  };
}

class BoundedCall implements RemoteCall {
  readonly #handler: RemoteHandler;
  readonly #bounds: AttemptBounds;

  constructor(handler: RemoteHandler, bounds: AttemptBounds) {
    this.#handler = handler;
    this.#bounds = bounds;
  }

  run(context: HandlerContext): Promise<unknown> {
    return this.#handler.call(context, this.#bounds);
  }
}

function listItem({ session, prepared }: AttemptParams, item: PlannedItem, bounds: AttemptBounds): ListItem {
  const { values, fields, handler } = item;
  return {
    values,
    has: (name) => name in values || name in fields,
    written: (name) => fields[name]?.written ?? null,
    evaluate: async (name, args, call) => {
      const field = fields[name];
      if (field === undefined) throw new NodeFailure(`There is no "${name}"`, { kind: 'invalid_config' });
      const chance = chanceWithin(prepared.chance, `${name} ${call}`);
      const value = await field.value.evaluate({ args, ...prepared.scope }, chance);
      const problems = (await field.check(value)).map(({ path, message }) => `${name}${path}: ${message}`);
      if (problems.length === 0) return value;
      throw new NodeFailure(problems.join('; '), { kind: 'invalid_config', retryable: false });
    },
    handler: () => {
      if (handler === null) throw new NodeFailure('This item names no handler', { kind: 'handler_missing' });
      return bindHandler(session, handler, bounds);
    },
  };
}

function checkJson(schema: JsonSchema, value: Json, isolation?: Isolation): ReturnType<NodeContext['checkJson']> {
  const found = checkForeign(schema, value, isolation);
  if (found.status === 'checked') return found.problems;
  const faults = found.faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  throw new NodeFailure(`This is no JSON Schema: ${faults}`, { kind: 'invalid_config', retryable: false });
}

function lengthOf(text: LongText): number {
  return typeof text === 'string' ? text.length : text.reduce((sum, { length }) => sum + length, 0);
}
