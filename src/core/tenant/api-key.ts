import type { Scope } from './principal.js';

/** A key as it is kept: its hash, never the key. */
export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** SHA-256 of the whole key, hex. Unique. */
  readonly hash: string;
  /** The key's first characters, for people to tell keys apart: `sk_live_Ab3d`. */
  readonly hint: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}
