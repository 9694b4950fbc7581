import type { KeptEvent } from '../../core/events/kept-event.js';
import { yieldIfBusy } from '../../core/event-loop.js';
import { findExecution, type NodeExecution } from '../../core/run/node-execution.js';
import type { Run } from '../../core/run/run.js';
import { isInnerPath } from '../../core/run/paths/node-path.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import type { DriveContext } from '../attempt/drive-context.js';
import type { AttemptOutcome, EndedAttempt } from '../timing/retry.js';
import type { DeliveredAnswer } from '../ports/run-mailbox.js';
import { computeProgress, isSameQuestion, outcomeOfChild, outcomeOfTime, stepOutcome } from '../waits/wait-outcome.js';

interface Driving {
  readonly session: DriveContext;
  /** Answers are recorded, nothing is started. */
  readonly isOutOfTurn: boolean;
  readonly executing: ReadonlySet<string>;
  /**
   * `known`: the node's outcome, null when it is to be tried; `resumed`: the key of the step at which it resumes.
   */
  readonly start: (node: PlannedNode, known: AttemptOutcome | null, resumed: string | null) => void;
}

/** Resumes the nodes of one run when what they wait for has come: a time, an answer, or the end of another run. */
export class WaitingNodes {
  readonly #driving: Driving;

  constructor(driving: Driving) {
    this.#driving = driving;
  }

  /** What a node that is due has come to; null for one that is to be tried, for the first time or again. */
  takeOutcome(node: PlannedNode): AttemptOutcome | null {
    const { session } = this.#driving;
    const execution = findExecution(session.log.run.nodes, node.id);
    if (execution?.status !== 'waiting') return null;
    const outcome = outcomeOfTime(execution);
    const { waitingFor } = execution;
    if ((waitingFor === 'answer' || waitingFor === 'event') && outcome?.status === 'completed') {
      const { attempt } = execution;
      session.log.append({ kind: 'node.answered', nodeId: node.id, attempt, answer: outcome.output, by: 'default' });
    }
    return outcome;
  }

  takeAnswers(): void {
    const { session, executing, isOutOfTurn, start } = this.#driving;
    const { log, mailbox } = session;
    for (const delivered of mailbox.takeAnswers()) {
      const { nodeId, question, answer, audit, accept, refuse } = delivered;
      if (isInnerPath(nodeId)) {
        this.#takeInnerAnswer(delivered);
        continue;
      }
      const execution = findExecution(session.log.run.nodes, nodeId);
      const node = findPlanned(session, nodeId);
      if (node === undefined || execution?.waitingFor !== 'answer' || executing.has(nodeId)) {
        refuse('not_waiting');
        continue;
      }
      if (!isSameQuestion(question, execution.question)) {
        refuse('asks_another');
        continue;
      }
      log.append({ kind: 'node.answered', nodeId, attempt: execution.attempt, answer, by: 'caller' }, audit);
      log.commit().then(accept, () => refuse('left'));
      if (!isOutOfTurn) start(node, { status: 'completed', output: answer }, null);
    }
  }

  #takeInnerAnswer({ nodeId, question, answer, audit, accept, refuse }: DeliveredAnswer): void {
    const { log, inside, memory } = this.#driving.session;
    const { nodes: inner, waits } = inside;
    const execution = inner.get(nodeId)?.execution;
    if (execution?.waitingFor !== 'answer') {
      refuse('not_waiting');
      return;
    }
    if (!isSameQuestion(question, execution.question)) {
      refuse('asks_another');
      return;
    }
    const { attempt } = execution;
    log.append({ kind: 'node.answered', nodeId, attempt, answer, by: 'caller' }, audit);
    // The node may not have begun to wait yet.
    memory.noteAnswer(nodeId, attempt, answer);
    log.commit().then(accept, () => refuse('left'));
    waits.goOn(nodeId, { known: { status: 'completed', output: answer }, resumed: null });
  }

  /**
   * Takes in the events that have come. All nodes that wait for one get it: each is looked for before any is taken.
   * Whoever sends one that is not found has found the waits, as those are durable before.
   */
  async lookAtEvents(): Promise<void> {
    const { session, executing, start } = this.#driving;
    const { log, inside: nested } = session;
    const { nodes: inner, waits } = nested;
    const outer = log.run.nodes.filter(({ id, waitingFor }) => waitingFor === 'event' && !executing.has(id));
    const inside = inner.waitingFor('event').filter(({ id }) => waits.has(id));
    if (outer.length === 0 && inside.length === 0) return;
    await log.commit();
    const found = await this.#findEvents([...outer, ...inside]);
    for (const { execution, event } of found) {
      const { id: nodeId, attempt } = execution;
      const known: AttemptOutcome = { status: 'completed', output: event.data };
      const isInner = isInnerPath(nodeId);
      // Its time may have come meanwhile.
      if (isInner && !(waits.has(nodeId) && inner.get(nodeId)?.execution.waitingFor === 'event')) continue;
      log.append({ kind: 'node.answered', nodeId, attempt, answer: event.data, by: 'event', eventId: event.id });
      const node = findPlanned(session, nodeId);
      if (isInner) waits.goOn(nodeId, { known, resumed: null });
      else if (node !== undefined) start(node, known, null);
    }
  }

  async #findEvents(waiting: readonly NodeExecution[]) {
    const { log, events } = this.#driving.session;
    const { organizationId, id: runId } = log.run;
    const found: { readonly execution: NodeExecution; readonly event: KeptEvent }[] = [];
    for (const execution of waiting) {
      const { event: awaited } = execution;
      const event = awaited === undefined ? null : await events.find({ ...awaited, organizationId, runId });
      if (event !== null) found.push({ execution, event });
    }
    return found;
  }

  /** Resumes the nodes whose child run has ended, and shows the progress of the others. */
  async lookAtChildren(): Promise<void> {
    await this.#lookInside();
    const { session, executing } = this.#driving;
    const { log, children } = session;
    const { organizationId } = log.run;
    for (const execution of log.run.nodes) {
      const { id, waitingFor, childRunId } = execution;
      if (waitingFor !== 'run' || childRunId === undefined || executing.has(id)) continue;
      await yieldIfBusy();
      const child = await children.get({ organizationId, runId: childRunId });
      const outcome = await this.#outcomeOf(child);
      const node = findPlanned(session, id);
      if (execution.waitingStep === undefined && child !== null) log.stageProgress(id, computeProgress(child), null);
      if (node === undefined || outcome === null) continue;
      if (execution.waitingStep !== undefined) await this.#goOn(node, execution.waitingStep, outcome);
      else this.#end(node, outcome, child?.summary);
    }
  }

  /** The same for nodes inside other nodes. */
  async #lookInside(): Promise<void> {
    const { session } = this.#driving;
    const { log, inside, children, memory, content } = session;
    const { nodes: inner, waits } = inside;
    const { organizationId } = log.run;
    for (const { id, childRunId, waitingStep: step } of inner.waitingFor('run')) {
      if (childRunId === undefined || !waits.has(id)) continue;
      await yieldIfBusy();
      const child = await children.get({ organizationId, runId: childRunId });
      const outcome = await this.#outcomeOf(child);
      if (step === undefined && child !== null) log.stageProgress(id, computeProgress(child), null);
      // Its time may have come meanwhile.
      if (outcome === null || !waits.has(id)) continue;
      if (step === undefined) {
        waits.goOn(id, { known: outcome, resumed: null });
        continue;
      }
      if (memory.recall(step) === null) {
        const output = content.keepResult(stepOutcome(outcome), log.run.id);
        await memory.remember({ nodeId: id, key: step, outcome: { status: 'completed', output }, usage: null });
      }
      waits.goOn(id, { known: null, resumed: step });
    }
  }

  /** What a node comes to through the run that it started, without secrets; null while that one goes on. */
  async #outcomeOf(child: Run | null): Promise<EndedAttempt | null> {
    const { secrets } = this.#driving.session;
    const outcome = outcomeOfChild(child);
    if (outcome?.status !== 'completed' || secrets.isNone) return outcome;
    return { ...outcome, output: await secrets.jsonInTurns(outcome.output) };
  }

  #end(node: PlannedNode, outcome: EndedAttempt, summary: unknown): void {
    const { session, start } = this.#driving;
    if (node.role !== null && typeof summary === 'string') session.log.stageFindings(node.id, summary);
    start(node, outcome, null);
  }

  /** Resumes an attempt of which a step waited for a run, once that step's outcome is durable. */
  async #goOn(node: PlannedNode, key: string, ended: EndedAttempt): Promise<void> {
    const { session, start } = this.#driving;
    const { log, memory, content, mailbox } = session;
    if (memory.recall(key) === null) {
      const output = content.keepResult(stepOutcome(ended), log.run.id);
      await memory.remember({ nodeId: node.id, key, outcome: { status: 'completed', output }, usage: null });
    } else await log.commit();
    if (mailbox.order.kind === 'go') start(node, null, key);
  }
}

export function findPlanned({ plan }: DriveContext, nodeId: string): PlannedNode | undefined {
  return plan.nodes.find((node) => node.id === nodeId);
}
