import type { AuditEntry } from '../../../tenant/audit.js';

export interface ListAuditParams {
  readonly organizationId: string;
  /** Only those with a higher number; oldest first. */
  readonly afterSeq?: number;
  /** Only those with a lower number; newest first. Not with `afterSeq`. */
  readonly beforeSeq?: number;
  readonly limit: number;
}

export interface AuditStore {
  /** Throws `conflict` when the place is taken, `not_found` when there is no such organization. */
  append(entry: AuditEntry): Promise<void>;
  /** The newest entry; null when there is none. */
  last(params: { readonly organizationId: string }): Promise<AuditEntry | null>;
  /** Newest first, unless `afterSeq` is given. */
  list(params: ListAuditParams): Promise<AuditEntry[]>;
  /** Removes the oldest up to this one; how many those were. */
  removeUpTo(params: { readonly organizationId: string; readonly seq: number }): Promise<number>;
}
