import { type RunEvent, type RunEventBody, wasPassedOver } from '../../core/run/events.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import { findDownstream } from './find-retry.js';
import type { Plan } from '../plan/plan.js';

/**
 * What a run that begins at a node takes over from an earlier run, as events of its log: the latest outcomes of the
 * nodes that do not depend on that node. A failure is taken over where the plan allows the node to fail; what was cut
 * short is not, nor a node of another kind.
 */
export async function carryOver(params: {
  readonly plan: Plan;
  readonly fromNode: string;
  /** Those of the earlier run, which has ended. */
  readonly nodes: readonly NodeExecution[];
  readonly log: AsyncIterable<RunEvent>;
}): Promise<readonly RunEventBody[]> {
  const { plan, fromNode, nodes, log } = params;
  const downstream = findDownstream(plan, fromNode);
  const wanted = new Map(plan.nodes.filter(({ id }) => !downstream.has(id)).map((node) => [node.id, node]));
  const outcomes = new Map<string, RunEventBody>();
  for await (const event of log) {
    if (!isOutcome(event) || !wanted.has(event.nodeId)) continue;
    const { seq: _, at: __, ...body } = event;
    outcomes.set(event.nodeId, body);
  }
  return plan.nodes.flatMap(({ id }) => {
    const planned = wanted.get(id);
    const node = nodes.find((candidate) => candidate.id === id);
    const outcome = outcomes.get(id);
    if (planned === undefined || node === undefined || outcome === undefined) return [];
    if (node.kind !== planned.kind.kind || !canCarryOver(outcome, planned.onError)) return [];
    return [...reportEvents(node), outcome];
  });
}

type Outcome = Extract<RunEvent, { kind: 'node.completed' | 'node.failed' | 'node.skipped' | 'node.cancelled' }>;

function isOutcome(event: RunEvent): event is Outcome {
  const { kind } = event;
  return kind === 'node.completed' || kind === 'node.failed' || kind === 'node.skipped' || kind === 'node.cancelled';
}

function canCarryOver(outcome: RunEventBody, onError: unknown): boolean {
  if (outcome.kind === 'node.completed') return true;
  if (outcome.kind === 'node.skipped') return !wasPassedOver(outcome);
  return outcome.kind === 'node.failed' && onError === 'continue';
}

function reportEvents({ id, findings, progress, message }: NodeExecution): RunEventBody[] {
  const told: RunEventBody[] = [];
  if (progress > 0 && progress < 100) told.push({ kind: 'node.progress', nodeId: id, percent: progress, message });
  if (findings !== null) told.push({ kind: 'node.findings', nodeId: id, findings });
  return told;
}
