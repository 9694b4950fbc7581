import { hash, randomBytes } from 'node:crypto';
import type { TokenKind, TokenMaker } from '../../core/ports/token-maker.js';

const TOKEN_BYTES = 32;
const PREFIXES = { code: 'eac_', access: 'eat_', refresh: 'ert_', hook: 'ehk_' } as const satisfies Record<
  TokenKind,
  string
>;
/** Unlike every API key, which has 40 characters. */
const ACCESS_TOKEN = /^bearer +(eat_[\w-]{43}) *$/i;

export const tokenMaker: TokenMaker = {
  newToken: (kind, seed = randomBytes(TOKEN_BYTES)) => PREFIXES[kind] + Buffer.from(seed).toString('base64url'),
  hashToken: (token) => hash('sha256', token),
};

/** The access token of an `Authorization` header; null when it holds none. */
export function readAccessToken(header: string | undefined): string | null {
  return ACCESS_TOKEN.exec(header ?? '')?.[1] ?? null;
}
