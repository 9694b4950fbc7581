import type { Records } from '../../core/ports/store/store.js';
import type { Grant, OAuthToken } from '../../core/tenant/grant.js';
import type { RefreshParams, TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { isWithin } from './exchange-code.js';
import { issueTokens, keyLimits, refuseGrant, UNSIGNED } from './issue-tokens.js';

const UNKNOWN = 'The refresh token is unknown, expired, revoked, used already, or was given to another client.';

/**
 * Gives new tokens for a refresh token, which is good once. A second use means that two have it: the whole grant ends.
 */
export async function refreshAccess(deps: GrantDeps, params: RefreshParams): Promise<TokenAnswer> {
  const at = deps.clock.now();
  const hash = deps.tokens.hashToken(params.refreshToken);
  const refreshed = await deps.store.transaction(async (tx) => {
    const found = await tx.oauth.findToken({ hash });
    if (found === null || found.kind !== 'refresh' || found.clientId !== params.clientId || found.expiresAt <= at) {
      return { answer: refuseGrant('invalid_grant', UNKNOWN), revoked: null };
    }
    const grant = await tx.grants.get({ organizationId: found.organizationId, id: found.grantId });
    const refusal = grant === null ? null : refuseEarly({ token: found, grant, params });
    if (refusal !== null) return { answer: refusal, revoked: null };
    const use = await tx.oauth.useToken({ hash, at });
    if (use?.isFirst === true) return { answer: await rotate(tx, deps, { grant, params, at }), revoked: null };
    const { organizationId, grantId } = found;
    await tx.grants.revoke({ organizationId, id: grantId, at });
    return { answer: refuseGrant('invalid_grant', UNKNOWN), revoked: grantId };
  });
  if (refreshed.revoked !== null) deps.keyWatch.revoke(refreshed.revoked);
  return refreshed.answer;
}

/** What leaves the token unused: whoever has it alone cannot use it up. */
function refuseEarly({
  token,
  grant,
  params: { scopes, resources, isSigned },
}: {
  readonly token: OAuthToken;
  readonly grant: Grant;
  readonly params: RefreshParams;
}): TokenAnswer | null {
  if (grant.clientSigns && !isSigned) return refuseGrant('invalid_client', UNSIGNED);
  if (scopes !== null && !scopes.every((scope) => token.scopes.includes(scope))) {
    return refuseGrant('invalid_scope', 'More is asked for than was granted. Send the person to sign in again.');
  }
  if (resources !== null && !isWithin(resources, token)) {
    return refuseGrant('invalid_target', 'The refresh token was not given for this resource.');
  }
  return null;
}

async function rotate(
  tx: Records,
  deps: GrantDeps,
  { grant, params, at }: { readonly grant: Grant | null; readonly params: RefreshParams; readonly at: number },
): Promise<TokenAnswer> {
  if (grant === null || grant.revokedAt !== null) return refuseGrant('invalid_grant', UNKNOWN);
  const limits = await keyLimits(tx, grant, at);
  if (limits === null)
    return refuseGrant('invalid_grant', 'The key that was signed in with was revoked or has expired.');
  const scopes = params.scopes ?? grant.scopes;
  const resources = params.resources ?? grant.resources;
  return issueTokens(tx, deps, { grant, scopes, resources, latest: limits.latest, at });
}
