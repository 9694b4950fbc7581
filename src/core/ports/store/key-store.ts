import type { ApiKey } from '../../tenant/api-key.js';

export interface RevokeKeyParams {
  readonly organizationId: string;
  readonly id: string;
  readonly at: number;
}

export interface CountKeysParams {
  readonly organizationId: string;
  /** The moment at which a key is valid or has expired. */
  readonly at: number;
}

export interface KeyCounts {
  /** Neither revoked nor expired. */
  readonly valid: number;
  readonly ended: number;
}

export interface RemoveKeysParams {
  readonly organizationId: string;
  readonly ids: readonly string[];
}

export interface TouchKeyParams {
  readonly id: string;
  readonly at: number;
}

export interface KeyStore {
  insert(key: ApiKey): Promise<void>;
  find(params: { readonly hash: string }): Promise<ApiKey | null>;
  get(params: { readonly organizationId: string; readonly id: string }): Promise<ApiKey | null>;
  count(params: CountKeysParams): Promise<KeyCounts>;
  /** Oldest first. */
  list(params: { readonly organizationId: string }): Promise<ApiKey[]>;
  /** False when the organization has no such key. Revoking twice keeps the first moment. */
  revoke(params: RevokeKeyParams): Promise<boolean>;
  touch(params: TouchKeyParams): Promise<void>;
  /** Those of them that the organization has. */
  remove(params: RemoveKeysParams): Promise<void>;
}
