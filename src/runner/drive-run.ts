/**
 * Drives one run's plan through its nodes, from wherever its record stands to its end.
 *
 * 1. A node starts only after the commit that holds the outcomes it depends on.
 * 2. A run ends with one event; what nodes still do after that is aborted and no longer heard.
 * 3. Told to leave, it records nothing more: the record stands where the last commit left it, and whoever resumes goes on from there.
 */
import type { Clock, Random } from '../core/clock.js';
import type { HandlerRef } from '../core/definition.js';
import type { Durable } from '../core/engine.js';
import { errorMessage } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Logger } from '../core/logger.js';
import { isNodeEnded, type NodeExecution } from '../core/node-execution.js';
import type { Handler } from '../core/node-kind.js';
import type { Run } from '../core/run.js';
import type { Plan, PlannedNode } from '../workflow/plan.js';
import { findFatalFailure, findReady, findUnwanted } from '../workflow/ready.js';
import { endRun, errorOf } from './end-run.js';
import { executeNode } from './execute-node.js';
import type { RunRecorder } from './recorder.js';
import type { RunControl } from './run-control.js';
import { RunAbandoned, RunLog } from './run-log.js';
import type { Session } from './session.js';

export interface DriveRunParams {
  readonly run: Run;
  readonly plan: Plan;
  readonly input: Json;
  readonly instruction: string | null;
  /** The outputs of the nodes that the record holds as completed. */
  readonly outputs: ReadonlyMap<string, Json>;
  readonly organization: { readonly id: string; readonly name: string };
  readonly control: RunControl;
  readonly durable: Durable;
  readonly recorder: RunRecorder;
  readonly resolveHandler: (ref: HandlerRef) => Promise<Handler>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Resolves with the run as it was last committed: terminal, or left behind to be resumed. */
export async function driveRun(params: DriveRunParams): Promise<Run> {
  const driver = new Driver(params);
  try {
    return await driver.drive();
  } catch (error) {
    if (error instanceof RunAbandoned) return params.run;
    throw error;
  } finally {
    driver.dispose();
  }
}

class Driver {
  readonly #params: DriveRunParams;
  readonly #session: Session;
  /** The nodes that are being executed. Their records may still say `pending`: a condition, or the input, takes time to evaluate. */
  readonly #executing = new Set<string>();
  /** Something has happened since the run was last looked at. */
  #stirred = false;
  #wake: () => void = () => undefined;
  #overdue = false;
  #cancelDeadline: () => void = () => undefined;

  constructor(params: DriveRunParams) {
    this.#params = params;
    const { run, recorder, clock, logger } = params;
    this.#session = {
      ...params,
      log: new RunLog({ run, recorder, clock, logger }),
      info: {
        id: run.id,
        workflowId: run.workflowId,
        workflowVersion: run.workflowVersion,
        createdAt: new Date(run.createdAt).toISOString(),
      },
      outputs: new Map(params.outputs),
      abort: new AbortController(),
    };
  }

  async drive(): Promise<Run> {
    const { log } = this.#session;
    const { control } = this.#params;
    if (log.run.status === 'pending' && control.order.kind === 'go') log.append({ kind: 'run.started' });
    control.listen(() => this.#stir());
    this.#armDeadline();
    this.#resumeStarted();
    for (;;) {
      this.#stirred = false;
      if (await this.#advance()) return log.run;
      if (!this.#stirred) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  dispose(): void {
    this.#cancelDeadline();
    if (this.#executing.size > 0) this.#session.abort.abort(new Error('The run has ended.'));
  }

  /** One step of the run: ends it, or starts what may start. True when there is nothing left to do here. */
  async #advance(): Promise<boolean> {
    const { control } = this.#params;
    const { log, plan } = this.#session;
    const { order } = control;
    if (order.kind === 'leave') return this.#leave();
    if (order.kind === 'cancel') return this.#cancel(order.reason);
    const fatal = findFatalFailure(plan, log.run.nodes);
    if (fatal !== null) return this.#fail(fatal);
    if (this.#overdue) return this.#fail(null);
    for (const unwanted of findUnwanted(plan, log.run.nodes)) log.append({ kind: 'node.skipped', ...unwanted });
    if (log.run.nodes.every((node) => isNodeEnded(node.status))) return this.#end();
    if (order.kind === 'drain') return this.#drain();
    return this.#startReady();
  }

  async #startReady(): Promise<boolean> {
    const { log, plan } = this.#session;
    const ready = findReady(plan, log.run.nodes)
      .filter((node) => !this.#executing.has(node.id))
      .slice(0, plan.concurrency - this.#executing.size);
    if (ready.length === 0) {
      log.commitInBackground();
      return false;
    }
    // A fresh run has nothing yet that a node could depend on, but for its own creation, which is committed.
    if (log.run.nodes.some((node) => node.status !== 'pending')) {
      await log.commit();
      if (this.#params.control.order.kind !== 'go') return this.#advance();
    }
    for (const node of ready) this.#start(node);
    return false;
  }

  /** Nodes that had been started when the run was left go on first. */
  #resumeStarted(): void {
    if (this.#params.control.order.kind !== 'go') return;
    for (const execution of this.#session.log.run.nodes) {
      const node = this.#session.plan.nodes.find((planned) => planned.id === execution.id);
      if (node !== undefined && (execution.status === 'running' || execution.status === 'waiting')) this.#start(node);
    }
  }

  #start(node: PlannedNode): void {
    const { log } = this.#session;
    const execution = log.run.nodes.find((candidate) => candidate.id === node.id);
    if (execution === undefined) return;
    this.#executing.add(node.id);
    void this.#execute(node, execution);
  }

  async #execute(node: PlannedNode, execution: NodeExecution): Promise<void> {
    const { log, abort, outputs } = this.#session;
    const { control } = this.#params;
    try {
      const end = await executeNode(this.#session, node, execution);
      if (abort.signal.aborted || control.left) return;
      if (end.kind === 'node.completed') outputs.set(node.id, end.output);
      log.append(end);
    } catch (error) {
      if (abort.signal.aborted || control.signal.aborted) return;
      const message = `Errand could not run this node: ${errorMessage(error)}`;
      log.append({ kind: 'node.failed', nodeId: node.id, attempt: 1, error: { kind: 'internal', message } });
    } finally {
      this.#executing.delete(node.id);
      this.#stir();
    }
  }

  async #end(): Promise<true> {
    const { log } = this.#session;
    log.append(await endRun(this.#session));
    await log.commit();
    return true;
  }

  async #fail(fatal: NodeExecution | null): Promise<true> {
    const { log, abort, plan } = this.#session;
    const error = fatal
      ? errorOf(fatal)
      : { kind: 'timeout', message: `The run took longer than its time-out of ${plan.timeoutMs} ms`, nodeId: null };
    abort.abort(new Error(`The run has failed: ${error.message}`));
    this.#closeNodes((node) =>
      node.status === 'pending'
        ? { kind: 'node.skipped', nodeId: node.id, reason: 'the run failed before it' }
        : { kind: 'node.cancelled', nodeId: node.id },
    );
    log.append({ kind: 'run.failed', error });
    await log.commit();
    return true;
  }

  async #cancel(reason: string): Promise<true> {
    const { log, abort } = this.#session;
    abort.abort(new Error(`The run was cancelled: ${reason}`));
    this.#closeNodes((node) => ({ kind: 'node.cancelled', nodeId: node.id }));
    log.append({ kind: 'run.cancelled', reason });
    await log.commit();
    return true;
  }

  #closeNodes(close: (node: NodeExecution) => Parameters<RunLog['append']>[0]): void {
    const { log } = this.#session;
    for (const node of log.run.nodes) if (!isNodeEnded(node.status)) log.append(close(node));
  }

  async #drain(): Promise<boolean> {
    if (this.#executing.size > 0) {
      this.#session.log.commitInBackground();
      return false;
    }
    await this.#session.log.commit();
    return true;
  }

  #leave(): true {
    this.#session.abort.abort(new Error('The server is stopping; the run will be resumed.'));
    this.#session.log.abandon();
    return true;
  }

  #armDeadline(): void {
    const { plan, log, clock } = this.#session;
    if (plan.timeoutMs === null) return;
    const left = (log.run.startedAt ?? clock.now()) + plan.timeoutMs - clock.now();
    this.#cancelDeadline = clock.schedule(Math.max(0, left), () => {
      this.#overdue = true;
      this.#stir();
    });
  }

  #stir(): void {
    this.#stirred = true;
    this.#wake();
  }
}
