import { yieldIfBusy } from '../../core/event-loop.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { Plan, PlannedNode } from '../../workflow/plan/plan.js';
import type { DriveContext } from '../attempt/drive-context.js';
import type { AttemptOutcome, EndedAttempt } from '../timing/retry.js';
import { cancelChild } from './close-run.js';
import { computeProgress, isSameQuestion, outcomeOfChild, outcomeOfTime, stepOutcome } from './wait-outcome.js';

interface Driving {
  readonly session: DriveContext;
  /** Answers are recorded, nothing is started. */
  readonly isOutOfTurn: boolean;
  readonly executing: ReadonlySet<string>;
  /**
   * `known`: what the node has come to, null when it is to be tried; `resumed`: the key of the step that it goes on
   * from.
   */
  readonly start: (node: PlannedNode, known: AttemptOutcome | null, resumed: string | null) => void;
}

/** What the nodes of one run wait for: takes it in and has them go on. */
export class WaitingNodes {
  readonly #driving: Driving;

  constructor(driving: Driving) {
    this.#driving = driving;
  }

  /** What a node that is due has come to; null for one that is to be tried, for the first time or again. */
  takeOutcome(node: PlannedNode): AttemptOutcome | null {
    const { session } = this.#driving;
    const execution = findExecution(session, node.id);
    if (execution?.status !== 'waiting') return null;
    const outcome = outcomeOfTime(execution);
    if (execution.waitingFor === 'answer' && outcome?.status === 'completed') {
      const { attempt } = execution;
      session.log.append({ kind: 'node.answered', nodeId: node.id, attempt, answer: outcome.output, by: 'default' });
    }
    return outcome;
  }

  takeAnswers(): void {
    const { session, executing, isOutOfTurn, start } = this.#driving;
    const { log, mailbox } = session;
    for (const { nodeId, question, answer, accept, refuse } of mailbox.takeAnswers()) {
      const execution = findExecution(session, nodeId);
      const node = findPlanned(session, nodeId);
      if (node === undefined || execution?.waitingFor !== 'answer' || executing.has(nodeId)) {
        refuse('not_waiting');
        continue;
      }
      if (!isSameQuestion(question, execution.question)) {
        refuse('asks_another');
        continue;
      }
      log.append({ kind: 'node.answered', nodeId, attempt: execution.attempt, answer, by: 'caller' });
      log.commit().then(accept, () => refuse('left'));
      if (!isOutOfTurn) start(node, { status: 'completed', output: answer }, null);
    }
  }

  /** Takes in how the runs stand that nodes wait for. */
  async lookAtChildren(): Promise<void> {
    const { session, executing } = this.#driving;
    const { log, children } = session;
    const { organizationId } = log.run;
    for (const execution of log.run.nodes) {
      const { id, waitingFor, childRunId } = execution;
      if (waitingFor !== 'run' || childRunId === undefined || executing.has(id)) continue;
      await yieldIfBusy();
      const child = await children.get({ organizationId, runId: childRunId });
      const outcome = outcomeOfChild(child);
      const node = findPlanned(session, id);
      if (execution.waitingStep === undefined && child !== null) log.stageProgress(id, computeProgress(child), null);
      if (node === undefined || outcome === null) continue;
      if (execution.waitingStep !== undefined) await this.#goOn(node, execution.waitingStep, outcome);
      else this.#end(node, outcome, child?.summary);
    }
  }

  #end(node: PlannedNode, outcome: EndedAttempt, summary: unknown): void {
    const { session, start } = this.#driving;
    if (node.role !== null && typeof summary === 'string') session.log.stageFindings(node.id, summary);
    start(node, outcome, null);
  }

  /** Has an attempt go on that waited for a run on behalf of a step of its own, once what that came to is durable. */
  async #goOn(node: PlannedNode, key: string, ended: EndedAttempt): Promise<void> {
    const { session, start } = this.#driving;
    const { log, memory, content, mailbox } = session;
    if (memory.recall(key) === null) {
      const output = content.keepResult(stepOutcome(ended), log.run.id);
      await memory.remember({ nodeId: node.id, key, outcome: { status: 'completed', output }, usage: null });
    } else await log.commit();
    if (mailbox.order.kind === 'go') start(node, null, key);
  }

  /**
   * Cancels what a node has waited for too long, once it is durable that it did: before, whoever resumes must find that
   * run as it was.
   */
  giveUpChild(execution: NodeExecution): void {
    const { session } = this.#driving;
    const cancel = (): void => cancelChild(session, execution, 'it took longer than the node that started it waits');
    session.log.commit().then(cancel, () => undefined);
  }
}

export function findExecution({ log }: DriveContext, nodeId: string): NodeExecution | undefined {
  return log.run.nodes.find((node) => node.id === nodeId);
}

export function findPlanned({ plan }: DriveContext, nodeId: string): PlannedNode | undefined {
  return plan.nodes.find((node) => node.id === nodeId);
}

/** The nodes whose waits are over. */
export function findDue(plan: Plan, executions: readonly NodeExecution[], now: number): PlannedNode[] {
  const due = executions.filter(({ status, waitingUntil }) => {
    return status === 'waiting' && waitingUntil !== null && waitingUntil <= now;
  });
  return due.length === 0 ? [] : plan.nodes.filter((node) => due.some(({ id }) => id === node.id));
}

/** When the first of the nodes that wait goes on by itself. */
export function nextWake(nodes: readonly NodeExecution[]): number | null {
  return nodes.reduce<number | null>((first, node) => {
    return node.status === 'waiting' ? earlier(first, node.waitingUntil) : first;
  }, null);
}

/** Null is never. */
export function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
