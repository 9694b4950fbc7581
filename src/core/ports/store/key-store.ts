import type { ApiKey } from '../../tenant/api-key.js';

export interface RevokeKeyParams {
  readonly organizationId: string;
  readonly id: string;
  readonly at: number;
}

export interface TouchKeyParams {
  readonly id: string;
  readonly at: number;
}

export interface KeyStore {
  insert(key: ApiKey): Promise<void>;
  find(params: { readonly hash: string }): Promise<ApiKey | null>;
  list(params: { readonly organizationId: string }): Promise<ApiKey[]>;
  /** False when the organization has no such key. Revoking twice keeps the first moment. */
  revoke(params: RevokeKeyParams): Promise<boolean>;
  touch(params: TouchKeyParams): Promise<void>;
}
