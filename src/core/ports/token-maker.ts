export type TokenKind = 'code' | 'access' | 'refresh' | 'hook';

/** Makes what the authorization server hands out, and the ends of hooks' addresses. What comes out is sent once and never kept. */
export interface TokenMaker {
  /** 256 random bits, with a prefix for its kind; with a seed of 32 secret bytes always the same. */
  newToken(kind: TokenKind, seed?: Uint8Array): string;
  /** SHA-256, hex. */
  hashToken(token: string): string;
}
