import type { Scope } from './principal.js';

/**
 * What somebody allowed a client to do in their organization, by signing in. Access and refresh tokens stand for it.
 */
export interface Grant {
  readonly id: string;
  readonly organizationId: string;
  /** The key that was signed in with: the grant ends with it. Null when it was none. */
  readonly keyId: string | null;
  readonly clientId: string;
  readonly clientName: string;
  /**
   * Where the client has people sent back to: a host name, or the scheme of an app. Empty for one that sends nobody.
   */
  readonly clientHost: string;
  /** Whether its client must prove itself with a key of its own wherever it presents a code or a refresh token. */
  readonly clientSigns: boolean;
  /** Who signed in, for people: `key sk_live_Ab3d`. */
  readonly subject: string;
  readonly scopes: readonly Scope[];
  /** The paths that its tokens are good for: `/mcp`. */
  readonly resources: readonly string[];
  readonly createdAt: number;
  /** When its last refresh token expires. */
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** A client that registered itself. Public: it has no secret. */
export interface OAuthClient {
  readonly id: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly createdAt: number;
  /** From when on it may be forgotten; later again when it is used. */
  readonly expiresAt: number;
}

/** What a client gets for a person's consent, to be exchanged for tokens once. */
export interface AuthorizationCode {
  /** SHA-256 of the code, hex. */
  readonly hash: string;
  readonly clientId: string;
  /** As it was asked for. */
  readonly redirectUri: string;
  /** Of PKCE, by the method S256. */
  readonly challenge: string;
  /** What it comes to once it is exchanged. */
  readonly grant: Grant;
  readonly expiresAt: number;
  /** When it was exchanged. */
  readonly usedAt: number | null;
}

export interface OAuthToken {
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly kind: 'access' | 'refresh';
  readonly grantId: string;
  readonly organizationId: string;
  readonly clientId: string;
  readonly scopes: readonly Scope[];
  readonly resources: readonly string[];
  readonly expiresAt: number;
  /** When a refresh token was exchanged for another. */
  readonly usedAt: number | null;
}
