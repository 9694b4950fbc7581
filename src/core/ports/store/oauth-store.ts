import type { AuthorizationCode, OAuthClient, OAuthToken } from '../../tenant/grant.js';

/** A code or token that was presented for its one use. */
export interface OneUse<T> {
  /** As it was before. */
  readonly found: T;
  /** False when it was used before. */
  readonly isFirst: boolean;
}

export interface UseOnceParams {
  readonly hash: string;
  readonly at: number;
}

export interface PurgeParams {
  readonly before: number;
  readonly limit: number;
}

/** What the authorization server hands out: of codes and tokens, the hash. */
export interface OAuthStore {
  insertClient(client: OAuthClient): Promise<void>;
  getClient(params: { readonly id: string }): Promise<OAuthClient | null>;
  /** Has it be kept until then, at least. */
  keepClient(params: { readonly id: string; readonly expiresAt: number }): Promise<void>;
  countClients(): Promise<number>;
  insertCode(code: AuthorizationCode): Promise<void>;
  /** Null when there is none; used from now on. */
  useCode(params: UseOnceParams): Promise<OneUse<AuthorizationCode> | null>;
  insertToken(token: OAuthToken): Promise<void>;
  findToken(params: { readonly hash: string }): Promise<OAuthToken | null>;
  /** Null when there is none; used from now on. */
  useToken(params: UseOnceParams): Promise<OneUse<OAuthToken> | null>;
  /** Removes what had expired by `before`: at most `limit` of each sort. True when there may be more. */
  purge(params: PurgeParams): Promise<boolean>;
}
