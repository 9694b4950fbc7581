import type { Records } from '../../core/ports/store/store.js';
import type { AuthorizationCode, Grant } from '../../core/tenant/grant.js';
import type { ExchangeCodeParams, TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { issueTokens, keyLimits, refuseGrant, UNSIGNED } from './issue-tokens.js';
import { verifiesChallenge } from './pkce.js';
import { recordGrant } from '../audit/record-grant.js';

const UNKNOWN = 'The code is unknown, expired, used already, or was given to another client or redirect URI.';

/**
 * A code is good once, for the client, the redirect URI and the PKCE verifier that it was asked for with. A second use
 * ends what came of the first.
 */
export async function exchangeCode(deps: GrantDeps, params: ExchangeCodeParams): Promise<TokenAnswer> {
  const at = deps.clock.now();
  const hash = deps.tokens.hashToken(params.code);
  const exchanged = await deps.store.transaction(async (tx) => {
    const use = await tx.oauth.useCode({ hash, at });
    if (use === null) return { answer: refuseGrant('invalid_grant', UNKNOWN), revoked: null };
    const { grant } = use.found;
    if (use.isFirst) return { answer: await exchange(tx, deps, { code: use.found, params, at }), revoked: null };
    const { organizationId, id } = grant;
    await tx.grants.revoke({ organizationId, id, at });
    return { answer: refuseGrant('invalid_grant', UNKNOWN), revoked: id };
  });
  if (exchanged.revoked !== null) deps.keyWatch.revoke(exchanged.revoked);
  return exchanged.answer;
}

interface Presented {
  readonly code: AuthorizationCode;
  readonly params: ExchangeCodeParams;
  readonly at: number;
}

async function exchange(tx: Records, deps: GrantDeps, { code, params, at }: Presented): Promise<TokenAnswer> {
  const { clientId, redirectUri, verifier } = params;
  const isHolders =
    code.expiresAt > at &&
    code.clientId === clientId &&
    (redirectUri === null || code.redirectUri === redirectUri) &&
    verifiesChallenge(verifier, code.challenge);
  if (!isHolders) return refuseGrant('invalid_grant', UNKNOWN);
  const { grant } = code;
  if (grant.clientSigns && !params.isSigned) return refuseGrant('invalid_client', UNSIGNED);
  const resources = params.resources ?? grant.resources;
  if (!isWithin(resources, grant)) return refuseGrant('invalid_target', 'The code was not given for this resource.');
  const limits = await keyLimits(tx, grant, at);
  if (limits === null)
    return refuseGrant('invalid_grant', 'The key that was signed in with was revoked or has expired.');
  await tx.grants.insert(grant);
  await recordGrant(tx, deps, grant);
  return issueTokens(tx, deps, { grant, scopes: grant.scopes, resources, latest: limits.latest, at });
}

export function isWithin(resources: readonly string[], grant: Pick<Grant, 'resources'>): boolean {
  return resources.every((resource) => grant.resources.includes(resource));
}
