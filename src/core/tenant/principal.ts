/**
 * What a key may do, each scope alone:
 * `run`: list workflows, start, read and cancel runs, read credits, all in the key's organization;
 * `manage`: make, list and revoke keys of the key's organization;
 * `operate`: make organizations, set their credits, and do the above in any of them.
 */
export const SCOPES = ['run', 'manage', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling. The organization comes from here and from nowhere else. */
export interface Principal {
  readonly organizationId: string;
  /** Null for calls from within the process (the library). */
  readonly keyId: string | null;
  readonly scopes: readonly Scope[];
  /** When the key expires, in epoch milliseconds; absent: never. */
  readonly expiresAt?: number;
}
