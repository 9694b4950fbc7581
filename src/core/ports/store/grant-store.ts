import type { Grant } from '../../tenant/grant.js';

export interface GrantPlace {
  readonly organizationId: string;
  readonly id: string;
}

export interface RevokeGrantsOfKeyParams {
  readonly organizationId: string;
  readonly keyId: string;
  readonly at: number;
}

/** What clients were allowed. Tokens are in `OAuthStore`, and go when their grant ends. */
export interface GrantStore {
  insert(grant: Grant): Promise<void>;
  get(params: GrantPlace): Promise<Grant | null>;
  /** Those that are neither revoked nor expired at `at`, oldest first. */
  list(params: { readonly organizationId: string; readonly at: number }): Promise<Grant[]>;
  /** Has it expire then. */
  extend(params: GrantPlace & { readonly expiresAt: number }): Promise<void>;
  touch(params: { readonly id: string; readonly at: number }): Promise<void>;
  /** Removes its tokens too. False when the organization has no such grant. Revoking twice keeps the first moment. */
  revoke(params: GrantPlace & { readonly at: number }): Promise<boolean>;
  /** Revokes what was signed in for with a key; the ids of what it ended. */
  revokeOfKey(params: RevokeGrantsOfKeyParams): Promise<readonly string[]>;
}
