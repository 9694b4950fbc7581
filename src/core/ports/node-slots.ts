/** Leave to do one attempt of one node's work. */
export interface NodeSlot {
  /** Once. */
  release(): void;
}

/** Workers of this process that a node's work takes one of, such as threads. */
export interface WorkerPool {
  /** For people, in the plural: `threads for scripts`. */
  readonly name: string;
  readonly size: number;
  /** Fewer than there are, so that one organization never keeps all others waiting. */
  readonly perOrganization: number;
}

export interface NodeSlotRequest {
  readonly runId: string;
  readonly nodeId: string;
  readonly organizationId: string;
  /** The key of the workflow: an organization's own may have the id of one for all. */
  readonly workflow: string;
  /** The named resource that the node uses. */
  readonly resource: string | null;
  readonly pool: WorkerPool | null;
  readonly priority: number;
  /** Ends the wait: it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Hands out leave to work, within the limits of the process, organization, workflow, resource and pool. */
export interface NodeSlots {
  /** At once when nothing keeps it back. */
  take(request: NodeSlotRequest): NodeSlot | Promise<NodeSlot>;
}

const FREE: NodeSlot = { release: () => undefined };

/** Leave for whatever asks. */
export const unlimitedSlots: NodeSlots = { take: () => FREE };
