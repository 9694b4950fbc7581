/** A call with an idempotency key, and what came of it. */
export interface IdempotentCall {
  /** The caller's. */
  readonly organizationId: string;
  readonly key: string;
  /** The hash of what was asked for: another call has another. */
  readonly callHash: string;
  /** The id of what it made. */
  readonly madeId: string;
  readonly at: number;
}

/** Calls that made something beside a run: those are found by `RunStore.findByIdempotencyKey`. */
export interface IdempotencyStore {
  /** Throws `conflict` when the organization has used the key before. */
  insert(call: IdempotentCall): Promise<void>;
  find(params: { readonly organizationId: string; readonly key: string }): Promise<IdempotentCall | null>;
}
