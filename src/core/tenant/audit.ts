import type { Json } from '../json.js';

/** Who changed something: a key, a person's grant to a client, or the server itself. */
export type AuditActor = {
  readonly kind: 'key' | 'grant' | 'server';
  /** The key's id, or the grant's; null for the server. */
  readonly id: string | null;
  /** The organization that the key or grant belongs to. */
  readonly organizationId: string;
};

/** What was changed: `{ kind: 'key', id: '0190…' }`. */
export type AuditTarget = { readonly kind: string; readonly id: string };

/** One change, as it was seen when it was made. Never changed itself. */
export type AuditFact = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly actor: AuditActor;
  /** The address that the call came from; null where it came from within, or over stdio. */
  readonly from: string | null;
  /** `key.create`. */
  readonly action: string;
  readonly target: AuditTarget;
  /** How it was before; null where there was nothing. Neither holds a secret. */
  readonly before: Json;
  readonly after: Json;
};

/**
 * A fact in its place in the trail of its organization. Each bears the hash of the one before, so that one that was
 * changed or taken out shows.
 */
export type AuditEntry = AuditFact & {
  readonly organizationId: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** Of the entry before; `FIRST_HASH` for the first. */
  readonly previousHash: string;
  /** SHA-256, hex, of everything else here. */
  readonly hash: string;
};

export const FIRST_HASH = '0'.repeat(64);
