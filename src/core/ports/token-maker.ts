export type TokenKind = 'code' | 'access' | 'refresh';

/** Makes what the authorization server hands out. What comes out is sent once and never kept. */
export interface TokenMaker {
  /** 256 random bits, with a prefix for its kind. */
  newToken(kind: TokenKind): string;
  /** SHA-256, hex. */
  hashToken(token: string): string;
}
