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
export async function issueTokens(tx: Records, { tokens }: GrantDeps, issue: Issue): Promise<TokenAnswer> {
  const { grant, scopes, resources, latest, at } = issue;
  const { id: grantId, organizationId, clientId } = grant;
  const [accessToken, refreshToken] = [tokens.newToken('access'), tokens.newToken('refresh')];
  const accessUntil = atMost(at + LIFETIMES.access, latest);
  const refreshUntil = atMost(at + LIFETIMES.refresh, latest);
  const common = { grantId, organizationId, clientId, usedAt: null };
  await tx.oauth.insertToken({
    ...common,
    kind: 'access',
    hash: tokens.hashToken(accessToken),
    scopes,
    resources,
    expiresAt: accessUntil,
  });
  await tx.oauth.insertToken({
    ...common,
    kind: 'refresh',
    hash: tokens.hashToken(refreshToken),
    scopes: grant.scopes,
    resources: grant.resources,
    expiresAt: refreshUntil,
  });
  await tx.grants.extend({ organizationId, id: grantId, expiresAt: refreshUntil });
  await tx.oauth.keepClient({ id: clientId, expiresAt: at + LIFETIMES.client });
  const expiresInSeconds = Math.floor((accessUntil - at) / 1_000);
  return { kind: 'tokens', accessToken, refreshToken, expiresInSeconds, scopes };
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

export function refuse(
  error: Extract<TokenAnswer, { kind: 'refused' }>['error'],
  message: string,
): Extract<TokenAnswer, { kind: 'refused' }> {
  return { kind: 'refused', error, message };
}
