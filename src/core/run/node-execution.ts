import type { Json, JsonSchema } from '../json.js';
import type { Usage } from '../models/models.js';

/**
 * What one node of a run has come to.
 *
 *   pending -> running -> completed | failed | skipped | cancelled
 *   running -> waiting -> running | completed | failed
 */
export const NODE_STATUSES = ['pending', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled'] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

/**
 * Why a node or a run failed. `kind` is what retry policies and programs look at: `error` (the node's work threw),
 * `timeout`, `invalid_config`, `invalid_output`, `invalid_expression`, `http_4xx`, `http_5xx`, `network`,
 * `handler_missing`, or a kind that the node's own code gave.
 */
export type NodeError = { readonly kind: string; readonly message: string };

/**
 * `retry`: its next attempt. `time`: a moment. `answer`: a person. `run`: the end of the run that it started. `event`:
 * an event. `nodes`: what the nodes inside it wait for.
 */
export const WAIT_REASONS = ['retry', 'time', 'answer', 'run', 'event', 'nodes'] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** What a person is asked. */
export type Question = {
  readonly message: string;
  /** What the answer must fit. */
  readonly schema: JsonSchema;
  /** Taken as the answer when none came in time; fits the schema. */
  readonly default?: Json;
};

/** The event that a node waits for. */
export type AwaitedEvent = {
  readonly name: string;
  /** Empty for none. */
  readonly key: string;
  /** Earlier ones are not for it; epoch milliseconds. */
  readonly since: number;
  /** Taken as the data when none came in time. */
  readonly default?: Json;
};

/** How far the items of a node are that runs a node for each; `done` counts those that completed. */
export type ItemCounts = {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
};

export interface NodeExecution {
  /** The node's id in its workflow; the path of one that stands inside another. */
  readonly id: string;
  readonly kind: string;
  /** Both set when the node is an agent; else both null. */
  readonly role: string | null;
  readonly label: string | null;
  readonly status: NodeStatus;
  /** Counts from 1 once started. */
  readonly attempt: number;
  /** 0 to 100; never falls. */
  readonly progress: number;
  /** The latest word on what it is doing. */
  readonly message: string | null;
  readonly findings: string | null;
  /** The failure that the fallback of a completed node stands in for. */
  readonly error: NodeError | null;
  /** There when the output is the node's fallback (`on_error: { use: … }`) and not its work's. */
  readonly usedFallback?: true;
  /** When `waiting`: the moment it goes on by itself, in epoch milliseconds; null when it does not. */
  readonly waitingUntil: number | null;
  /** There while `waiting`. */
  readonly waitingFor?: WaitReason;
  /** There while waiting for an `answer`. */
  readonly question?: Question;
  /** There while waiting for an `event`. */
  readonly event?: AwaitedEvent;
  /** There while waiting for a `run` whose outcome is that of a step in the node's own work: the step's key. */
  readonly waitingStep?: string;
  /** The run that the node started; of several, the latest. */
  readonly childRunId?: string;
  readonly items?: ItemCounts;
  /** How many rounds of a node that has them have ended; absent before the first has. */
  readonly rounds?: number;
  /**
   * The nodes inside it that have begun, or were skipped, at whatever depth. Those of an item, or of a round, leave
   * with it.
   */
  readonly inner?: readonly NodeExecution[];
  /** How many attempts at nodes inside it have ended; absent while none has. */
  readonly innerEnded?: number;
  /** How many items of maps inside it have completed, those of ended rounds and attempts included; absent while none has. */
  readonly innerItems?: number;
  /** For a node that holds others: when its latest attempt began. */
  readonly attemptAt?: number;
  /**
   * The moment at which its expressions compute, and from which their chance is seeded, in every attempt; absent when
   * they ask for neither.
   */
  readonly fixedAt?: number;
  /**
   * How often its run had been cut off when the node, or one inside it, was last at work; absent where that was 0. A
   * node that waits for its turn is `running`, too.
   */
  readonly cutOffs?: number;
  /** What its model calls have used, over all attempts and retries; absent when there were none. */
  readonly usage?: Usage;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
}

/** A node that nothing has happened to. No agent unless a role and a label are given. */
export function pendingNode(
  given: Pick<NodeExecution, 'id' | 'kind'> & Partial<Pick<NodeExecution, 'role' | 'label'>>,
): NodeExecution {
  return {
    id: given.id,
    kind: given.kind,
    role: given.role ?? null,
    label: given.label ?? null,
    status: 'pending',
    attempt: 0,
    progress: 0,
    message: null,
    findings: null,
    error: null,
    waitingUntil: null,
    startedAt: null,
    completedAt: null,
  };
}

export function isNodeEnded(status: NodeStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled';
}

/** The nodes of a run, and those inside them that its record holds. */
export function listExecutions(nodes: readonly NodeExecution[]): readonly NodeExecution[] {
  if (!nodes.some(({ inner }) => inner !== undefined)) return nodes;
  return nodes.flatMap((node) => (node.inner === undefined ? [node] : [node, ...node.inner]));
}

/** By id, or by path. */
export function findExecution(nodes: readonly NodeExecution[], path: string): NodeExecution | undefined {
  return nodes.find(({ id }) => id === path) ?? listExecutions(nodes).find(({ id }) => id === path);
}

export function isAgent(node: Pick<NodeExecution, 'role'>): boolean {
  return node.role !== null;
}
