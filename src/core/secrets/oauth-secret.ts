import { isJsonObject, type Json } from '../json.js';
import type { Problem } from '../errors.js';
import { MIN_SECRET_LENGTH, type NamedSecret } from './scrub.js';
import type { OAuthSecretKind } from '../ports/secrets.js';

/** Credentials of OAuth 2, as they are sealed. */
export interface OAuthSecret {
  readonly token_url: string;
  readonly client_id: string;
  /** Absent for a public client, which has a refresh token. */
  readonly client_secret?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly audience?: string;
  /** How the client proves itself: in the header (RFC 6749, 2.3.1), or in the body; `basic` when not given. */
  readonly authentication?: 'basic' | 'body';
}

const FIELDS: readonly (keyof OAuthSecret)[] = [
  'token_url',
  'client_id',
  'client_secret',
  'refresh_token',
  'scope',
  'audience',
  'authentication',
];
const HIDDEN = ['client_secret', 'refresh_token'] as const;

/** Reads the JSON that a caller sets. Empty problems: it is sound. */
export function findOAuthProblems(text: string, kind: OAuthSecretKind): readonly Problem[] {
  const value = parse(text);
  if (!isJsonObject(value)) return [{ path: '/value', message: `must be JSON with the fields ${FIELDS.join(', ')}` }];
  const problems: Problem[] = [];
  const tell = (field: string, message: string): number => problems.push({ path: `/value/${field}`, message });
  for (const field of Object.keys(value))
    if (!FIELDS.some((known) => known === field)) tell(field, `is unknown; there are ${FIELDS.join(', ')}`);
    else if (typeof value[field] !== 'string' || value[field] === '') tell(field, 'must be text');
  const needed = kind === 'oauth2_client_credentials' ? ['client_secret'] : ['refresh_token'];
  for (const field of ['token_url', 'client_id', ...needed]) if (value[field] === undefined) tell(field, 'is missing');
  for (const field of HIDDEN)
    if (typeof value[field] === 'string' && value[field].length < MIN_SECRET_LENGTH)
      tell(field, `must have at least ${MIN_SECRET_LENGTH} characters`);
  if (typeof value['token_url'] === 'string' && !isHttp(value['token_url']))
    tell('token_url', 'must be an http address');
  const { authentication = 'basic' } = value;
  if (authentication !== 'basic' && authentication !== 'body') tell('authentication', 'must be basic or body');
  return problems;
}

/** Of what `findOAuthProblems` found sound. */
export function readOAuthSecret(text: string): OAuthSecret {
  return JSON.parse(text) as OAuthSecret;
}

/** What of it must not leave. */
export function hiddenIn(name: string, secret: OAuthSecret): readonly NamedSecret[] {
  return HIDDEN.flatMap((field) => {
    const value = secret[field];
    return value === undefined ? [] : [{ name, value }];
  });
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
