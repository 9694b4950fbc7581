import type { AuditEntry, AuditFact } from '../../../tenant/audit.js';

export interface ListAuditParams {
  readonly organizationId: string;
  /** Only those with a higher number; oldest first. */
  readonly afterSeq?: number;
  /** Only those with a lower number; newest first. Not with `afterSeq`. */
  readonly beforeSeq?: number;
  readonly limit: number;
}

export interface RecordAuditParams {
  readonly organizationId: string;
  readonly facts: readonly AuditFact[];
}

export interface AuditStore {
  /**
   * Puts facts at the end of an organization's trail, each with the hash of the entry before. Whoever does so at the
   * same time waits. Throws `not_found` when there is no such organization.
   */
  record(params: RecordAuditParams): Promise<void>;
  /** The newest entry; null when there is none. */
  last(params: { readonly organizationId: string }): Promise<AuditEntry | null>;
  /** Newest first, unless `afterSeq` is given. */
  list(params: ListAuditParams): Promise<AuditEntry[]>;
  /** Removes the oldest up to this one; how many those were. */
  removeUpTo(params: { readonly organizationId: string; readonly seq: number }): Promise<number>;
}
