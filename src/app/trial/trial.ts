import { setTimeout as sleep } from 'node:timers/promises';
import { ErrandError } from '../../core/errors.js';
import { DEFAULT_EVENT_KEEP_MS, type EventMatch } from '../../core/events/kept-event.js';
import type { Json } from '../../core/json.js';
import type { ModelRequest } from '../../core/models/models.js';
import { listExecutions } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import { parseDuration } from '../../core/time/duration.js';
import type { ManualClock } from '../../core/time/manual-clock.js';
import { tellMomentOrNull } from '../../core/time/moment.js';
import { systemPrincipal } from '../../service/organizations/bootstrap.js';
import type { Plan } from '../../workflow/plan/plan.js';
import { toPlainJson } from '../../workflow/schema/plain-json.js';
import type { Assembly } from '../assembly/assemble.js';
import type { FakeNodes, NodeCall } from './fakes.js';
import type { ScriptedModels } from './scripted-models.js';
import { standingOf } from './standing.js';
import type { TestRun, TestWait, WorkflowTest } from './workflow-test.js';

interface TrialParts {
  readonly assembly: Assembly;
  readonly clock: ManualClock;
  readonly fakes: FakeNodes;
  readonly models: ScriptedModels;
  readonly workflowId: string;
  /** Whether a run is given as it stands, though something of it still goes on. */
  readonly isOver?: () => boolean;
}

type RunRef = Pick<Run, 'id'>;

/** How long a run that works is left to itself before it is looked at again, in real milliseconds. */
const LOOK_EVERY_MS = 10;
/** Work inside a node that waits for the clock (the attempts at an item of a map): the clock is moved after so many looks. */
const LOOKS_BEFORE_STEP = 10;
const STEP_MS = 1_000;

/** One workflow under test. */
export class Trial implements WorkflowTest {
  readonly #parts: TrialParts;
  readonly #caller: Principal;

  constructor(parts: TrialParts) {
    this.#parts = parts;
    this.#caller = systemPrincipal(parts.assembly.defaultOrganizationId);
  }

  /** The plan of what is tried. */
  get plan(): Plan {
    const entry = this.#parts.assembly.catalog.get(this.#parts.workflowId, null);
    if (entry === null) throw new Error('what is tried is not in the catalog');
    return entry.plan;
  }

  /** Where the clock stands, in epoch milliseconds. */
  now(): number {
    return this.#parts.clock.now();
  }

  get prompts(): readonly ModelRequest[] {
    return this.#parts.models.requests;
  }

  calls(node: string): readonly NodeCall[] {
    return this.#parts.fakes.callsOf(node);
  }

  async run(input: Json = {}, { instruction }: { readonly instruction?: string } = {}): Promise<TestRun> {
    const { assembly, workflowId } = this.#parts;
    const { run } = await assembly.services.runWorkflow(this.#caller, {
      workflowId,
      input: toPlainJson(input),
      ...(instruction === undefined ? {} : { instruction }),
    });
    return this.#settle(run.id);
  }

  async answer({ id: runId }: RunRef, nodeId: string, answer: Json): Promise<TestRun> {
    await this.#parts.assembly.services.answerRun(this.#caller, { runId, nodeId, answer: toPlainJson(answer) });
    return this.#settle(runId);
  }

  async send(
    { id: runId }: RunRef,
    name: string,
    { key = '', data = null }: { readonly key?: string; readonly data?: Json } = {},
  ): Promise<TestRun> {
    const { services } = this.#parts.assembly;
    const { version, nodes } = await this.#get(runId);
    const isAwaited = nodes.some(({ event }) => event?.name === name && event.key === key);
    const keepForMs = DEFAULT_EVENT_KEEP_MS;
    await services.sendEvent(this.#caller, { name, key, data: toPlainJson(data), keepForMs });
    const hasHeard = async (): Promise<boolean> => (await this.#get(runId)).version > version;
    for (let heard = !isAwaited; !heard; heard = await hasHeard()) await sleep(LOOK_EVERY_MS);
    return this.#settle(runId);
  }

  async advance({ id }: RunRef, by: string | number): Promise<TestRun> {
    const ms = parseDuration(by);
    if (ms === null)
      throw new ErrandError('invalid_input', `The clock is moved by 90s, 2h, 3d or milliseconds, not ${by}.`);
    const { clock } = this.#parts;
    const target = clock.now() + ms;
    for (;;) {
      await this.#settle(id);
      const next = await this.#nextMoment(await this.#get(id));
      if (next === null || next > target || this.#parts.isOver?.() === true) break;
      await this.#moveTo(next);
    }
    await this.#moveTo(target);
    return this.#settle(id);
  }

  async cancel({ id: runId }: RunRef): Promise<TestRun> {
    await this.#parts.assembly.services.cancelRun(this.#caller, { runId });
    return this.#settle(runId);
  }

  close(): Promise<void> {
    return this.#parts.assembly.close({ graceMs: 0 });
  }

  async #settle(runId: string): Promise<TestRun> {
    let version = 0;
    let looks = 0;
    for (;;) {
      const run: Run = await this.#get(runId);
      const standing = await this.#standing(run);
      const { clock, fakes, isOver } = this.#parts;
      if (standing.kind === 'settled' || isOver?.() === true) return this.#view(run);
      looks = version === run.version && fakes.working === 0 ? looks + 1 : 0;
      ({ version } = run);
      if (standing.kind === 'retrying') await this.#moveTo(standing.until);
      else if (looks >= LOOKS_BEFORE_STEP) await clock.advance(STEP_MS);
      else await sleep(LOOK_EVERY_MS);
    }
  }

  /** At once, and not through every moment on the way. */
  async #moveTo(moment: number): Promise<void> {
    const { clock } = this.#parts;
    if (moment > clock.now()) clock.jumpTo(moment);
    await clock.advance(0);
  }

  /** When the first of what a run waits for is over, and what the runs do that it started; null when nobody knows. */
  async #nextMoment(run: Run): Promise<number | null> {
    let first: number | null = null;
    for (const { status, waitingUntil, waitingFor, childRunId } of run.nodes) {
      if (status !== 'waiting') continue;
      const isChild = waitingFor === 'run' && childRunId !== undefined;
      const moment = isChild ? await this.#nextMoment(await this.#get(childRunId)) : waitingUntil;
      if (moment !== null && (first === null || moment < first)) first = moment;
    }
    return first;
  }

  /** As that of the run which everything waits for. */
  async #standing(run: Run): Promise<ReturnType<typeof standingOf>> {
    const { assembly, clock } = this.#parts;
    const plan = await assembly.catalog.planOf({ workflowId: run.workflowId, version: run.workflowVersion });
    const standing = standingOf(run, plan, clock.now());
    if (standing.kind !== 'child') return standing;
    const child = await this.#get(standing.runId);
    // Its parent has not heard of it yet.
    return isTerminal(child.status) ? { kind: 'working' } : this.#standing(child);
  }

  #get(runId: string): Promise<Run> {
    return this.#parts.assembly.services.getRun(this.#caller, { runId });
  }

  async #view(run: Run): Promise<TestRun> {
    const outputs: { [nodeId: string]: Json } = {};
    const { services } = this.#parts.assembly;
    for await (const { nodeId, output } of services.listNodeOutputs(this.#caller, { runId: run.id })) {
      outputs[nodeId] = output;
    }
    return { ...run, outputs, waits: listExecutions(run.nodes).flatMap(toWait) };
  }
}

function toWait({ id, status, waitingFor, waitingUntil, question, event }: Run['nodes'][number]): TestWait[] {
  if (status !== 'waiting' || waitingFor === undefined || waitingFor === 'retry' || waitingFor === 'nodes') return [];
  return [
    {
      nodeId: id,
      for: waitingFor,
      until: tellMomentOrNull(waitingUntil),
      question: question ?? null,
      event: event === undefined ? null : matchOf(event),
    },
  ];
}

function matchOf({ name, key }: EventMatch): EventMatch {
  return { name, key };
}
