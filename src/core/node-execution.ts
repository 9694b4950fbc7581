/**
 * What one node of a run has come to.
 *
 *   pending -> running -> completed | failed | skipped | cancelled
 *   running -> waiting -> running (a timer, a retry or a person)
 */
export const NODE_STATUSES = ['pending', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled'] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

/**
 * Why a node or a run failed. `kind` is what retry policies and programs look at: `error` (the node's work threw),
 * `timeout`, `invalid_config`, `invalid_output`, `invalid_expression`, `http_4xx`, `http_5xx`, `network`,
 * `handler_missing`, or a kind that the node's own code gave.
 */
export type NodeError = { readonly kind: string; readonly message: string };

export interface NodeExecution {
  /** The node's id in its workflow. */
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
  readonly error: NodeError | null;
  /** When `waiting`: the moment it goes on by itself, in epoch milliseconds. */
  readonly waitingUntil: number | null;
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

export function isAgent(node: Pick<NodeExecution, 'role'>): boolean {
  return node.role !== null;
}
