import type { Records } from '../../core/ports/store/store.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Scope } from '../../core/tenant/principal.js';
import type { TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { atMost, LIFETIMES } from './lifetimes.js';
import { findValidKey } from './sign-in.js';

interface Issue {
  readonly grant: Grant;
  /** Of the access token. The refresh token keeps all that was granted. */
  readonly scopes: readonly Scope[];
  readonly resources: readonly string[];
  /** When the key that was signed in with expires; null: never. */
  readonly latest: number | null;
  readonly at: number;
}

/** Records an access token and a refresh token, within a transaction, and has the grant and its client last as long. */
export async function issueTokens(tx: Records, deps: GrantDeps, issue: Issue): Promise<TokenAnswer> {
  const { grant, latest, at } = issue;
  const { id: grantId, organizationId, clientId, scopes, resources } = grant;
  const answer = await issueAccessToken(tx, deps, issue);
  const refreshToken = deps.tokens.newToken('refresh');
  const hash = deps.tokens.hashToken(refreshToken);
  const expiresAt = atMost(at + LIFETIMES.refresh, latest);
  const place = { grantId, organizationId, clientId };
  await tx.oauth.insertToken({ ...place, kind: 'refresh', hash, scopes, resources, expiresAt, usedAt: null });
  await tx.grants.extend({ organizationId, id: grantId, expiresAt });
  await tx.oauth.keepClient({ id: clientId, expiresAt: at + LIFETIMES.client });
  return { ...answer, refreshToken };
}

/** The access token alone; the grant lasts as long at least. */
export async function issueAccessToken(
  tx: Records,
  { tokens }: GrantDeps,
  { grant, scopes, resources, latest, at }: Issue,
): Promise<Extract<TokenAnswer, { kind: 'tokens' }>> {
  const { id: grantId, organizationId, clientId } = grant;
  const accessToken = tokens.newToken('access');
  const hash = tokens.hashToken(accessToken);
  const expiresAt = atMost(at + LIFETIMES.access, latest);
  const place = { grantId, organizationId, clientId };
  await tx.oauth.insertToken({ ...place, kind: 'access', hash, scopes, resources, expiresAt, usedAt: null });
  if (expiresAt > grant.expiresAt) await tx.grants.extend({ organizationId, id: grantId, expiresAt });
  const expiresInSeconds = Math.floor((expiresAt - at) / 1_000);
  return { kind: 'tokens', accessToken, refreshToken: null, expiresInSeconds, scopes };
}

/** How long the key lets a grant last; null when it has ended. */
export async function keyLimits(
  tx: Pick<Records, 'keys'>,
  { organizationId, keyId }: Grant,
  now: number,
): Promise<{ readonly latest: number | null } | null> {
  if (keyId === null) return { latest: null };
  const key = await findValidKey(tx, { organizationId, keyId }, now);
  return key === null ? null : { latest: key.expiresAt };
}

/** Of a client that must prove itself. */
export const UNSIGNED =
  'This client must sign: a client_assertion of its key (private_key_jwt) is missing, or its keys cannot be had.';

export function refuseGrant(
  error: Extract<TokenAnswer, { kind: 'refused' }>['error'],
  message: string,
): Extract<TokenAnswer, { kind: 'refused' }> {
  return { kind: 'refused', error, message };
}
