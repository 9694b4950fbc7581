/** Leave to do one attempt of one node's work. */
export interface NodeSlot {
  /** Once. */
  release(): void;
}

export interface NodeSlotRequest {
  readonly runId: string;
  readonly nodeId: string;
  readonly organizationId: string;
  readonly workflowId: string;
  /** The named resource that the node uses. */
  readonly resource: string | null;
  readonly priority: number;
  /** Ends the wait: it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Hands out leave to work, within the limits of the process, the organization, the workflow and the resource. */
export interface NodeSlots {
  /** At once when nothing keeps it back. */
  take(request: NodeSlotRequest): NodeSlot | Promise<NodeSlot>;
}

const FREE: NodeSlot = { release: () => undefined };

/** Leave for whatever asks. */
export const unlimitedSlots: NodeSlots = { take: () => FREE };
