import { timingSafeEqual } from 'node:crypto';
import { ErrandError } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { GrantStore } from '../../core/ports/store/grant-store.js';
import type { OAuthStore } from '../../core/ports/store/oauth-store.js';
import type { TokenMaker } from '../../core/ports/token-maker.js';
import type { Principal } from '../../core/tenant/principal.js';
import { touchOncePerMinute, type Authenticate } from '../authenticate.js';
import { readAccessToken } from './tokens.js';

interface TokenDeps {
  readonly store: { readonly oauth: Pick<OAuthStore, 'findToken'>; readonly grants: Pick<GrantStore, 'touch'> };
  readonly clock: Pick<Clock, 'now'>;
  readonly tokens: Pick<TokenMaker, 'hashToken'>;
}

/** As `Authenticate`, for a resource: the path below which the request came in. */
export type AuthenticateFor = (header: string | undefined, resource: string, from?: string) => Promise<Principal>;

/** What a hash is compared with when there is no such token: the comparison takes its time either way. */
const NO_HASH = Buffer.alloc(32);

/** Takes access tokens, and leaves everything else to `byKey`. */
export function createTokenAuthenticator(deps: TokenDeps, byKey: Authenticate): AuthenticateFor {
  const { store, clock, tokens } = deps;
  const touch = touchOncePerMinute(store.grants);
  return async (header, resource, from) => {
    const token = readAccessToken(header);
    if (token === null) return byKey(header, from);
    const hash = tokens.hashToken(token);
    const found = await store.oauth.findToken({ hash });
    const same = timingSafeEqual(Buffer.from(hash, 'hex'), found === null ? NO_HASH : Buffer.from(found.hash, 'hex'));
    const now = clock.now();
    if (found === null || !same || found.kind !== 'access' || found.expiresAt <= now) {
      throw new ErrandError('unauthenticated', 'The access token is not valid: it is unknown, expired or revoked.');
    }
    if (!found.resources.includes(resource)) {
      throw new ErrandError('unauthenticated', 'The access token is not valid here: it is for another address.');
    }
    touch(found.grantId, now);
    const { organizationId, grantId: keyId, scopes, expiresAt } = found;
    return { organizationId, keyId, scopes, from, expiresAt, isGrant: true };
  };
}
