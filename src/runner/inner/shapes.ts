import { NodeFailure, type RunNodesOptions } from '../../core/handlers/node-kind.js';
import { isNodeEnded, type NodeExecution } from '../../core/run/node-execution.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import {
  findFatalFailure,
  findReady,
  findUnwanted,
  type PlannedGraph,
  type UnwantedNode,
} from '../../workflow/progress/ready.js';

/** In which order the nodes that a node holds run, and when that is over. */
export interface Shape {
  /** The failure of what holds them; null while there is none. */
  findFailure(body: PlannedGraph, executions: readonly NodeExecution[]): NodeFailure | null;
  findUnwanted(body: PlannedGraph, executions: readonly NodeExecution[]): readonly UnwantedNode[];
  isOver(executions: readonly NodeExecution[]): boolean;
  findReady(body: PlannedGraph, executions: readonly NodeExecution[]): readonly PlannedNode[];
  /** Whose output it is that they come to; null when nobody's. */
  findTelling(executions: readonly NodeExecution[]): string | null;
}

const all: Shape = {
  findFailure: findFatal,
  findUnwanted,
  isOver: haveEnded,
  findReady,
  findTelling: (executions) => executions.at(-1)?.id ?? null,
};

const ANOTHER_HOLDS = 'another case holds';

/** The first whose condition holds: one is tried when all before it were skipped. */
const firstThatHolds: Shape = {
  findFailure: findFatal,
  findUnwanted(_, executions) {
    const chosen = executions.findIndex(({ status }) => isNodeEnded(status) && status !== 'skipped');
    if (chosen === -1) return [];
    const passedOver = executions.slice(chosen + 1).filter(({ status }) => status === 'pending');
    return passedOver.map(({ id }) => ({ nodeId: id, reason: ANOTHER_HOLDS }));
  },
  isOver: haveEnded,
  findReady(body, executions) {
    const next = executions.findIndex(({ status }) => status !== 'skipped');
    return executions[next]?.status === 'pending' ? body.nodes.slice(next, next + 1) : [];
  },
  findTelling: (executions) => executions.find(({ status }) => status === 'completed')?.id ?? null,
};

/** All at once, until the first has completed. */
const race: Shape = {
  findFailure(_, executions) {
    if (findWinner(executions) !== null || !haveEnded(executions)) return null;
    const failed = executions.flatMap(({ id, error }) => (error === null ? [] : [{ id, ...error }]));
    const [first] = failed;
    if (first === undefined)
      return new NodeFailure('None of its branches ran', { kind: 'no_winner', retryable: false });
    const told = failed.map(({ id, message }) => `${id}: ${message}`).join('; ');
    return new NodeFailure(`None of its branches succeeded: ${told}`, { kind: first.kind });
  },
  findUnwanted: () => [],
  isOver: (executions) => findWinner(executions) !== null,
  findReady,
  findTelling: findWinner,
};

export const SHAPES: { readonly [shape in RunNodesOptions['shape']]: Shape } = { all, firstThatHolds, race };

/** Of several that had completed before anybody looked, the earliest. */
function findWinner(executions: readonly NodeExecution[]): string | null {
  let winner: NodeExecution | null = null;
  for (const execution of executions) {
    if (execution.status !== 'completed') continue;
    if (winner === null || (execution.completedAt ?? 0) < (winner.completedAt ?? 0)) winner = execution;
  }
  return winner?.id ?? null;
}

function haveEnded(executions: readonly NodeExecution[]): boolean {
  return executions.every(({ status }) => isNodeEnded(status));
}

function findFatal(body: PlannedGraph, executions: readonly NodeExecution[]): NodeFailure | null {
  const fatal = findFatalFailure(body, executions);
  if (fatal === null) return null;
  const { kind, message } = fatal.error ?? { kind: 'error', message: 'unknown error' };
  return new NodeFailure(`${fatal.id}: ${message}`, { kind });
}
