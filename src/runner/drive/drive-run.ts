/**
 * Drives one run's plan through its nodes, from wherever its record stands to its end.
 *
 * 1. A node starts only after the commit that holds the outcomes it depends on.
 * 2. A run ends with one event; what nodes still do after that is aborted and no longer heard.
 * 3. Told to leave, it records nothing more: the record stands where the last commit left it, and whoever resumes goes
 *    on from there.
 * 4. What the store refuses for good ends the run as failed: it is dropped, and the end says why.
 * 5. Out of its turn, a run takes in answers and orders and starts nothing.
 * 6. A node that waits is not being executed. When nothing is, and nothing will be for a while, the run is parked:
 *    nobody drives it until its time has come or somebody has something to say to it.
 */
import { errorMessage } from '../../core/errors.js';
import { listCutOff } from '../../core/run/crashes.js';
import { findExecution, isNodeEnded, type NodeExecution } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import { findDue, findFatalFailure, findReady, findUnwanted } from '../../workflow/progress/ready.js';
import { crashedAttempt } from './crashed-attempt.js';
import { cancelRun, errorOfRefusal, failRun } from './close-run.js';
import { endRun, toRunError } from './end-run.js';
import { executeNode, type ExecuteNodeParams } from '../attempt/execute-node.js';
import type { AttemptOutcome } from '../timing/retry.js';
import { CommitRefused, RunAbandoned } from '../log/run-log.js';
import { createScope, type DriveContext } from '../attempt/drive-context.js';
import { cancelChildOnceKept } from '../attempt/cancel-child.js';
import { earlier, nextWake } from '../waits/earlier.js';
import { isNews } from '../waits/is-news.js';
import { Rest } from '../waits/rest.js';
import { createSession, type DriveRunParams } from './create-session.js';
import { RestingNodes } from './resting-nodes.js';
import { findPlanned, WaitingNodes } from './waiting-nodes.js';

export type { DriveRunParams } from './create-session.js';

/** How a driver parted from its run, and the run as it was last committed. */
export type DriveEnd =
  | { readonly kind: 'ended'; readonly run: Run }
  /** To be resumed by whoever opens the data next. */
  | { readonly kind: 'left'; readonly run: Run }
  /** Somebody else drives it, and has done so since before the outcomes that were lost with this. */
  | { readonly kind: 'superseded'; readonly run: Run }
  /** To be driven again at `wakeAt` (epoch milliseconds; null: not by itself), or when there is news for it. */
  | { readonly kind: 'parked'; readonly run: Run; readonly wakeAt: number | null; readonly epoch: number };

/** Shorter waits are waited out by the driver: parking a run costs reading its log again. */
export const PARK_AFTER_MS = 1_000;

export async function driveRun(params: DriveRunParams): Promise<DriveEnd> {
  const driver = new Driver(params);
  try {
    return await driver.drive();
  } catch (error) {
    if (!(error instanceof RunAbandoned)) throw error;
    return { kind: driver.isSuperseded ? 'superseded' : 'left', run: params.run };
  } finally {
    driver.dispose();
  }
}

class Driver {
  readonly #params: DriveRunParams;
  readonly #session: DriveContext;
  /**
   * The nodes that are being executed. Their records may still say `pending`: a condition, or the input, takes time to
   * evaluate.
   */
  readonly #executing = new Set<string>();
  // Made when there is something for them.
  #madeResting: RestingNodes | null = null;
  #madeWaiting: WaitingNodes | null = null;
  /** Something has happened since the run was last looked at. */
  #dirty = false;
  #wake: () => void = () => undefined;
  #overdue = false;
  /** Another driver has the run. */
  isSuperseded = false;
  /** The store has refused a commit for good. */
  #isRefused = false;
  #deadline: number | null = null;
  #parked: { readonly wakeAt: number | null } | null = null;
  #cancelDeadline: () => void = () => undefined;
  #cancelWake: () => void = () => undefined;

  constructor(params: DriveRunParams) {
    this.#params = params;
    this.#session = createSession(params, {
      onRefused: () => this.#notify(),
      onSuperseded: () => {
        this.isSuperseded = true;
        params.mailbox.leave();
      },
    });
  }

  get #waiting(): WaitingNodes {
    return (this.#madeWaiting ??= new WaitingNodes({
      session: this.#session,
      isOutOfTurn: this.#params.isOutOfTurn,
      executing: this.#executing,
      start: (node, known, resumed) => this.#start(node, known, resumed),
    }));
  }

  get #resting(): RestingNodes {
    return (this.#madeResting ??= new RestingNodes(this.#session));
  }

  async drive(): Promise<DriveEnd> {
    const { log } = this.#session;
    const { mailbox } = this.#params;
    const isInTurn = !this.#params.isOutOfTurn;
    if (isInTurn && log.run.status === 'pending' && mailbox.order.kind === 'go') log.append({ kind: 'run.started' });
    mailbox.listen(() => {
      // At once: the driver may be waiting for a commit that does not come through. Nobody has heard of what that
      // holds, so a cancel does not wait for it: the next driver has less to record.
      if (mailbox.left || (mailbox.order.kind === 'cancel' && log.isRetrying)) log.abandon();
      this.#notify();
    });
    this.#armDeadline();
    if (isInTurn) {
      this.#resumeStarted();
      if (log.run.nodes.some(({ waitingFor }) => isNews(waitingFor))) mailbox.haveLook();
    }
    for (;;) {
      this.#dirty = false;
      if (await this.#advanceOrFail()) return this.#driveEnd();
      if (!this.#dirty) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #driveEnd(): DriveEnd {
    const { run } = this.#session.log;
    if (isTerminal(run.status)) return { kind: 'ended', run };
    if (this.isSuperseded) return { kind: 'superseded', run: this.#params.run };
    return this.#parked === null
      ? { kind: 'left', run }
      : { kind: 'parked', run, epoch: this.#params.epoch, ...this.#parked };
  }

  dispose(): void {
    this.#cancelDeadline();
    this.#cancelWake();
    if (this.#executing.size > 0) this.#session.abort.abort(new Error('The run has ended.'));
  }

  async #advanceOrFail(): Promise<boolean> {
    try {
      return await this.#advance();
    } catch (error) {
      // Twice: the failure itself is refused too, which is not for the run to answer.
      if (!(error instanceof CommitRefused) || this.#isRefused) throw error;
      this.#dirty = true;
      return false;
    }
  }

  /** One step of the run: ends it, or starts what may start. True when there is nothing left to do here. */
  async #advance(): Promise<boolean> {
    const { mailbox } = this.#params;
    const { log, plan } = this.#session;
    const { order } = mailbox;
    if (order.kind === 'leave') return this.#leave();
    const refusal = log.takeRefusal();
    if (refusal !== null) this.#isRefused = true;
    if (order.kind === 'cancel') return cancelRun(this.#session, order);
    if (refusal !== null) return failRun(this.#session, errorOfRefusal(refusal));
    if (mailbox.hasAnswers) this.#waiting.takeAnswers();
    if (this.#params.isOutOfTurn) return this.#parkAgain();
    if (mailbox.takeLook()) {
      await this.#waiting.lookAtChildren();
      await this.#waiting.lookAtEvents();
    }
    const fatal = findFatalFailure(plan, log.run.nodes);
    if (fatal !== null) return this.#fail(fatal);
    if (this.#overdue) return this.#fail(null);
    for (const unwanted of findUnwanted(plan, log.run.nodes)) log.append({ kind: 'node.skipped', ...unwanted });
    if (log.run.nodes.every((node) => isNodeEnded(node.status))) return this.#end();
    if (order.kind === 'drain') return this.#drain();
    return this.#startReady();
  }

  /** How many nodes are at work. */
  get #busy(): number {
    return this.#executing.size - (this.#madeResting?.size ?? 0);
  }

  async #startReady(): Promise<boolean> {
    const { log, plan, clock } = this.#session;
    // What has waited goes on whether there is room or not.
    const free = Math.max(0, plan.concurrency - this.#busy);
    const due = findDue(plan, log.run.nodes, clock.now());
    const ready = [...due, ...findReady(plan, log.run.nodes)]
      .filter((node) => !this.#executing.has(node.id))
      .slice(0, free);
    if (ready.length === 0) return this.#idle(free > 0);
    // A fresh run has nothing yet that a node could depend on, except for its own creation, which is committed.
    if (log.run.nodes.some((node) => node.status !== 'pending')) {
      await log.commit();
      if (this.#params.mailbox.order.kind !== 'go') return this.#advance();
    }
    for (const node of ready) this.#start(node, due.includes(node) ? this.#waiting.takeOutcome(node) : null);
    return false;
  }

  /** Nothing may start now. Waits, or parks the run when that would be for long. */
  async #idle(hasRoom: boolean): Promise<boolean> {
    const { log, clock } = this.#session;
    const wakeAt = earlier(
      nextWake(log.run.nodes.filter((node) => !this.#executing.has(node.id))),
      this.#madeResting?.nextWake() ?? null,
    );
    const left = wakeAt === null ? null : wakeAt - clock.now();
    if (this.#busy > 0 || (left !== null && left < PARK_AFTER_MS)) {
      log.commitInBackground();
      if (hasRoom && left !== null) this.#wakeIn(left);
      return false;
    }
    this.#madeResting?.record();
    await log.commit();
    if (this.#dirty) return false;
    this.#parked = { wakeAt: earlier(wakeAt, this.#deadline) };
    return true;
  }

  /** Once what was said to it is recorded, the run has something to do in its turn. */
  async #parkAgain(): Promise<boolean> {
    const { log, clock } = this.#session;
    await log.commit();
    if (this.#dirty) return false;
    this.#parked = { wakeAt: clock.now() };
    return true;
  }

  #wakeIn(delayMs: number): void {
    this.#cancelWake();
    this.#cancelWake = this.#session.clock.schedule(Math.max(0, delayMs), () => this.#notify());
  }

  /** Nodes that had been started when the run was left go on first. */
  #resumeStarted(): void {
    if (this.#params.mailbox.order.kind !== 'go' || this.#overdue) return;
    const { crashes } = this.#params;
    const { run } = this.#session.log;
    const blamed = new Set(crashes === null ? [] : listCutOff(run, crashes).map(({ id }) => id));
    for (const execution of run.nodes) {
      const isResting = execution.waitingFor === 'nodes';
      const goesOn = execution.status === 'running' || isResting;
      const node = goesOn ? findPlanned(this.#session, execution.id) : undefined;
      const known = crashes !== null && blamed.has(execution.id) ? crashedAttempt(crashes) : null;
      if (node !== undefined) this.#start(node, known);
    }
  }

  #start(node: PlannedNode, known: AttemptOutcome | null, resumed: string | null = null): void {
    const session = this.#session;
    const execution = findExecution(session.log.run.nodes, node.id);
    if (execution === undefined) return;
    this.#executing.add(node.id);
    const rest = node.holds ? this.#restOf(node.id) : AWAKE;
    const place = { id: node.id, scope: () => createScope(session), abort: session.abort, rest };
    void this.#execute({ node, place, from: execution, known, resumed });
  }

  #restOf(nodeId: string): Rest {
    return new Rest((isAwake) => {
      if (!this.#executing.has(nodeId)) return;
      this.#resting.note(nodeId, isAwake);
      this.#notify();
    });
  }

  async #execute(start: Omit<ExecuteNodeParams, 'session'>): Promise<void> {
    const { node, from } = start;
    const { log, abort, outputs } = this.#session;
    const { mailbox } = this.#params;
    try {
      const event = await executeNode({ session: this.#session, ...start });
      if (abort.aborted || mailbox.left) return;
      if (event.kind === 'node.completed') outputs.set(node.id, event.output);
      log.append(event);
      // It may have ended, or come, before this run knew of it.
      if (event.kind === 'node.waiting' && isNews(event.wait.for)) mailbox.haveLook();
      if (from.waitingFor === 'run') {
        cancelChildOnceKept(this.#session, from, 'it took longer than the node that started it waits');
      }
    } catch (error) {
      if (abort.aborted || mailbox.aborted) return;
      const message = `Errand could not run this node: ${errorMessage(error)}`;
      const attempt = Math.max(1, from.attempt);
      log.append({ kind: 'node.failed', nodeId: node.id, attempt, error: { kind: 'internal', message } });
    } finally {
      this.#executing.delete(node.id);
      this.#madeResting?.delete(node.id);
      this.#notify();
    }
  }

  async #end(): Promise<true> {
    const { log } = this.#session;
    log.append(await endRun(this.#session));
    await log.commit();
    return true;
  }

  #fail(fatal: NodeExecution | null): Promise<true> {
    const { plan } = this.#session;
    const message = `The run took longer than its time-out of ${plan.timeoutMs} ms`;
    return failRun(this.#session, fatal ? toRunError(fatal) : { kind: 'timeout', message, nodeId: null });
  }

  async #drain(): Promise<boolean> {
    // Nodes that wait for a slot do not begin any more.
    if (this.#busy > this.#session.waitingForSlot) {
      this.#session.log.commitInBackground();
      return false;
    }
    await this.#session.log.commit();
    return this.#executing.size > 0 ? this.#leave() : true;
  }

  #leave(): true {
    this.#session.abort.abort(new Error('The server is stopping; the run will be resumed.'));
    this.#session.log.abandon();
    return true;
  }

  #armDeadline(): void {
    const { plan, log, clock } = this.#session;
    if (plan.timeoutMs === null) return;
    this.#deadline = (log.run.startedAt ?? clock.now()) + plan.timeoutMs;
    const left = this.#deadline - clock.now();
    if (left <= 0) {
      this.#overdue = true;
      return;
    }
    this.#cancelDeadline = clock.schedule(left, () => {
      this.#overdue = true;
      this.#notify();
    });
  }

  #notify(): void {
    this.#dirty = true;
    this.#wake();
  }
}

/** Of a node that holds no others, whose rest nobody asks for. */
const AWAKE = new Rest(() => undefined);
