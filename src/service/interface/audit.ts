import type { AuditEntry } from '../../core/tenant/audit.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InOrganization } from './in-organization.js';

/** Where a trail ends: what to keep elsewhere, to see later that nothing was taken off its end. */
export interface TrailHead {
  readonly seq: number;
  readonly hash: string;
}

export type TrailCheck = {
  readonly entries: number;
  readonly first: number | null;
  readonly head: TrailHead | null;
  /** What is wrong with it, in sentences; empty when nothing is. */
  readonly faults: readonly string[];
};

export interface ListAuditParams extends InOrganization {
  /** Only later ones, oldest first. */
  readonly afterSeq?: number;
  /** Only earlier ones, newest first. */
  readonly beforeSeq?: number;
  readonly limit: number;
}

export interface VerifyAuditParams extends InOrganization {
  /** Where the trail ended at an earlier time. */
  readonly head?: TrailHead;
}

export interface ServerChange {
  readonly action: string;
  readonly before: Json;
  readonly after: Json;
}

/** Who changed what of an organization. */
export interface AuditServices {
  /** Newest first, unless `afterSeq` is given. */
  listAudit(caller: Principal, params: ListAuditParams): Promise<readonly AuditEntry[]>;
  /** Something of the server itself was changed: it goes into the trail of the caller's organization. For operators. */
  recordServerChange(caller: Principal, change: ServerChange): Promise<void>;
  verifyAudit(caller: Principal, params: VerifyAuditParams): Promise<TrailCheck>;
}
