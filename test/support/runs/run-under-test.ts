import { ErrandError } from '../../../src/core/errors.js';
import type { RunEvent } from '../../../src/core/run/events.js';
import type { Json } from '../../../src/core/json.js';
import { silentLogger } from '../../../src/core/ports/logger.js';
import { findExecution, pendingNode } from '../../../src/core/run/node-execution.js';
import type { McpTools } from '../../../src/core/ports/mcp-tools.js';
import type { Outbound } from '../../../src/core/ports/outbound.js';
import { loopbackOutbound } from '../../../src/testing/loopback-outbound.js';
import type { Models } from '../../../src/core/models/models.js';
import { NodeFailure, type Handler, type WorkflowDescription } from '../../../src/core/handlers/node-kind.js';
import type { SharedBudget } from '../../../src/core/models/shared-budget.js';
import { SharedCalls } from '../../../src/core/models/shared-calls.js';
import { isTerminal, pendingRun, type Run } from '../../../src/core/run/run.js';
import type { CommitOutcome } from '../../../src/core/ports/store/run-store.js';
import { unlimitedSlots } from '../../../src/core/ports/node-slots.js';
import type { RunRecorder } from '../../../src/runner/ports/recorder.js';
import type { RunnerDeps } from '../../../src/runner/attempt/runner-deps.js';
import { nodeKinds } from '../../../src/nodes/registry.js';
import type { ChildRuns, StartChildParams } from '../../../src/runner/ports/child-runs.js';
import { driveRun, type DriveEnd, type DriveRunParams } from '../../../src/runner/drive/drive-run.js';
import { KEEP_CONTENT, type ModelContent } from '../../../src/runner/models/model-content.js';
import { noMcpTools, noModels } from '../../../src/runner/models/no-models.js';
import type { RunClaims } from '../../../src/runner/ports/run-claims.js';
import { RunMailbox } from '../../../src/runner/ports/run-mailbox.js';
import { NO_RUN_SECRETS } from '../../../src/runner/secrets/run-secrets.js';
import { RunRecall } from '../../../src/runner/open/run-recall.js';
import { EventsUnderTest } from './events-under-test.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { creditCeiling } from '../../../src/core/workflow/price.js';
import { createPlan } from '../../../src/workflow/create-plan.js';
import { defineWorkflow, type NodeSpec, type WorkflowSpec } from '../../../src/workflow/define-workflow.js';

/** `lost` and `kept, then crash`: the process dies before or after the commit. */
export type CommitFate = 'kept' | 'lost' | 'kept, then crash' | 'unavailable once' | 'refused' | 'superseded';

/**
 * One run as its records outlive processes: `drive` is a process that takes it up, `log` and `run` are what is on disk.
 */
export class RunUnderTest {
  readonly clock = new ManualClock();
  readonly log: RunEvent[] = [];
  /** Nothing can be recorded while it is. */
  diskIsFull = false;
  readonly commits: RunEvent['kind'][][] = [];
  run: Run;
  /** What happens to the commits to come; those after the last are kept. */
  commitFates: CommitFate[] = [];
  /** When the run is parked: until when (null: until it is woken). */
  parkedUntil: number | null | undefined = undefined;
  control = new RunMailbox();
  /** The runs that this one has started, by their keys. */
  readonly children = new FakeChildRuns();
  readonly events = new EventsUnderTest(this.log, () => this.clock.now());
  /** What answers the calls of models. */
  models: Models = noModels;
  content: ModelContent = KEEP_CONTENT;
  mcp: McpTools = noMcpTools;
  /** Whether others may have been given the run. */
  claims: RunClaims | null = null;
  outbound: Outbound = loopbackOutbound;
  /** What the caller of the run adds. */
  instruction = 'be kind';
  readonly #spec: WorkflowSpec;
  readonly #input: Json;

  constructor(nodes: readonly NodeSpec[], rest: Partial<WorkflowSpec> = {}, input: Json = {}) {
    this.#spec = { id: 'w', name: 'W', description: 'A workflow', credits: 12, nodes, ...rest };
    this.#input = input;
    this.run = pendingRun({
      id: '0197a000-0000-7000-8000-000000000001',
      organizationId: 'o',
      workflowId: 'w',
      workflowName: 'W',
      workflowVersion: 1,
      creditsReserved: creditCeiling(this.#spec),
      createdAt: this.clock.now(),
      nodes: nodes.map(pendingNode),
    });
  }

  /**
   * Drives the run to its end, or until it is left. While it is parked it is not in memory: its time and news wake it.
   */
  async drive(): Promise<Run> {
    for (;;) {
      const end = await this.driveOnce();
      if (end.kind !== 'parked') return end.run;
      await this.#untilWoken(end.wakeAt);
      if (this.control.left) return this.run;
    }
  }

  async #untilWoken(wakeAt: number | null): Promise<void> {
    const { control, clock } = this;
    this.parkedUntil = wakeAt;
    let cancelTimer = (): void => undefined;
    await new Promise<void>((resolve) => {
      control.listen(resolve);
      if (wakeAt !== null) cancelTimer = clock.schedule(Math.max(0, wakeAt - clock.now()), resolve);
      if (control.hasMail || control.order.kind !== 'go') resolve();
    });
    cancelTimer();
    this.parkedUntil = undefined;
  }

  /** Takes the run up as a fresh process would: from the record and the log alone. */
  async driveOnce({ isOutOfTurn = false }: Partial<Pick<DriveRunParams, 'isOutOfTurn'>> = {}): Promise<DriveEnd> {
    const { definition, functions } = defineWorkflow(this.#spec);
    const handlers = Object.fromEntries(
      Object.keys(functions).map((nodeId) => [nodeId, { kind: 'inline', workflowId: 'w', nodeId } as const]),
    );
    // What was said while nobody listened is heard by the next driver.
    const isHeard = this.control.left || !(this.control.hasMail || this.control.order.kind === 'cancel');
    if (isHeard) this.control = new RunMailbox();
    const { control, clock, children, events } = this;
    const recalled = new RunRecall();
    for (const event of this.log) recalled.add(event);
    const deps: RunnerDeps = {
      recorder: { record: (changes) => this.#record(changes, control) },
      children,
      events,
      resolveHandler: async (ref) => {
        const handler = functions[ref.kind === 'inline' ? ref.nodeId : ''];
        if (handler === undefined) throw new NodeFailure('no such function', { kind: 'handler_missing' });
        return handler;
      },
      clock,
      models: this.models,
      content: this.content,
      mcp: this.mcp,
      outbound: this.outbound,
      random: () => 0,
      logger: silentLogger,
    };
    return driveRun({
      deps,
      recorder: deps.recorder,
      run: this.run,
      epoch: 1,
      plan: createPlan({ definition, version: 1, handlers, kinds: nodeKinds }),
      loaded: {
        input: this.#input,
        instruction: this.instruction,
        outputs: recalled.outputs,
        steps: recalled.steps,
        inner: recalled.inner,
        lastAt: 0,
      },
      organization: { id: 'o', name: 'Org' },
      mailbox: control,
      slots: unlimitedSlots,
      claims: this.claims,
      secrets: NO_RUN_SECRETS,
      isOutOfTurn,
      isSuspect: false,
      cutOffs: 0,
      noteCutOff: () => Promise.resolve(),
      crashes: null,
    });
  }

  async #record({ run, events }: Parameters<RunRecorder['record']>[0], control: RunMailbox): Promise<CommitOutcome> {
    await new Promise((resolve) => setImmediate(resolve));
    if (control.left) throw new Error('nobody writes any more');
    const fate = this.commitFates.shift() ?? 'kept';
    if (fate === 'refused') throw new RangeError('Invalid string length');
    if (fate === 'unavailable once') throw new ErrandError('unavailable', 'the disk is full');
    if (fate === 'superseded') return 'superseded';
    if (fate !== 'kept') control.leave();
    if (fate === 'lost') throw new Error('crashed');
    if (this.diskIsFull) throw new ErrandError('unavailable', 'the disk is full');
    this.commits.push(events.map((event) => event.kind));
    this.log.push(...(JSON.parse(JSON.stringify(events)) as RunEvent[]));
    this.run = JSON.parse(JSON.stringify(run)) as Run;
    return 'kept';
  }

  kinds(): string[] {
    return this.log.map((event) => ('nodeId' in event ? `${event.kind} ${event.nodeId}` : event.kind));
  }

  /** Answers what a node asks, as the engine would. */
  answer(nodeId: string, answer: Json, question = this.node(nodeId)?.question): Promise<void> {
    const asked = question ?? { message: '', schema: {} };
    return new Promise((accept, reject) => {
      this.control.deliverAnswer({
        nodeId,
        question: asked,
        answer,
        accept,
        refuse: (reason) => reject(new Error(reason)),
      });
    });
  }

  statuses(): string[] {
    return this.run.nodes.map((node) => node.status);
  }

  outputOf(id: string): Json | undefined {
    const end = this.log.find((event) => event.kind === 'node.completed' && event.nodeId === id);
    return end?.kind === 'node.completed' ? end.output : undefined;
  }

  node(id: string) {
    return findExecution(this.run.nodes, id);
  }
}

/** Runs that go nowhere by themselves. */
class FakeChildRuns implements ChildRuns {
  readonly runs = new Map<string, Run>();
  readonly started: StartChildParams[] = [];
  readonly descriptions = new Map<string, WorkflowDescription>();
  readonly cancelled: string[] = [];
  budgets: readonly SharedBudget[] = [];
  readonly sharedCalls = new SharedCalls();
  /** Thrown instead of starting the next one. */
  refusal: ErrandError | null = null;

  async start(params: StartChildParams): Promise<Run> {
    const { refusal } = this;
    this.refusal = null;
    if (refusal !== null) throw refusal;
    const earlier = this.started.findIndex(({ key }) => key === params.key);
    const id = `child-${earlier === -1 ? this.started.length + 1 : earlier + 1}`;
    if (earlier === -1) {
      this.started.push(params);
      const { organizationId, workflowId, parent } = params;
      const nodes = [pendingNode({ id: 'inner', kind: 'code' })];
      const origin = { id, organizationId, workflowId, workflowName: workflowId, workflowVersion: 1, parent, nodes };
      this.runs.set(id, pendingRun({ ...origin, creditsReserved: 0, createdAt: 0 }));
    }
    return this.get({ runId: id });
  }

  describe({ workflowId }: { readonly workflowId: string }): WorkflowDescription | null {
    return this.descriptions.get(workflowId) ?? null;
  }

  async get({ runId }: { readonly runId: string }): Promise<Run> {
    const run = this.runs.get(runId);
    if (run === undefined) throw new Error(`no run ${runId}`);
    return run;
  }

  async listBudgets(): Promise<readonly SharedBudget[]> {
    return this.budgets;
  }

  async cancel({ runId }: { readonly runId: string }): Promise<void> {
    if (isTerminal(this.runs.get(runId)?.status ?? 'failed')) return;
    this.cancelled.push(runId);
    this.change(runId, { status: 'cancelled' });
  }

  idOf(key: string): string {
    return `child-${this.started.findIndex((start) => start.key === key) + 1}`;
  }

  change(runId: string, changes: Partial<Run>): void {
    const run = this.runs.get(runId);
    if (run !== undefined) this.runs.set(runId, { ...run, ...changes });
  }
}

export const code = (id: string, run: Handler, rest: Partial<NodeSpec> = {}): NodeSpec => ({
  id,
  kind: 'code',
  run,
  ...rest,
});
export const agent = (id: string, run: Handler, rest: Partial<NodeSpec> = {}): NodeSpec =>
  code(id, run, { role: id, label: id.toUpperCase(), on_error: 'continue', ...rest });
