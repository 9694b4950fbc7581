import type { IdentityAssertions } from '../../../auth/oidc/identity-assertions.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { baseUrl } from '../../pipeline/bearer-challenge.js';
import type { Exchange } from '../../transport/exchange.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import { sendOAuthError } from '../request/oauth-error.js';
import { readScopes, type Parameters } from '../request/parameters.js';
import { readResources } from '../request/resources.js';
import { withKey } from './client-credentials.js';
import { sendTokens } from './send-tokens.js';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** RFC 7523 with an identity assertion: the client is an API key, and an identity provider vouches for its person. */
export async function answerForPerson(
  exchange: Exchange,
  form: Parameters,
  deps: OAuthDeps & { readonly oauth: { readonly assertions: IdentityAssertions } },
): Promise<void> {
  await withKey(exchange, form, deps, (caller) => answerCaller(exchange, form, caller, deps));
}

async function answerCaller(
  exchange: Exchange,
  form: Parameters,
  caller: Principal,
  { oauth, publicUrl }: OAuthDeps & { readonly oauth: { readonly assertions: IdentityAssertions } },
): Promise<void> {
  const base = baseUrl(exchange, publicUrl);
  const assertion = await oauth.assertions.verify(form.get('assertion') ?? '', base);
  if (assertion === null || assertion.clientId !== caller.keyId) {
    const message = 'The assertion is not of the identity provider for this client and this server, or has expired.';
    return sendOAuthError(exchange, { error: 'invalid_grant', message });
  }
  const { person, id, expiresAt, scope } = assertion;
  const resources = readCommonResources(assertion.resources, form.all('resource'), base);
  if (resources === null) {
    const message = 'The assertion is not for this resource, or this server has none like it.';
    return sendOAuthError(exchange, { error: 'invalid_target', message });
  }
  const allowed = scope === null ? null : readScopes(scope);
  const scopes = readScopes(form.get('scope') ?? scope).filter((each) => allowed === null || allowed.includes(each));
  const params = { person, scopes, resources, assertionId: id, assertionExpiresAt: expiresAt };
  sendTokens(exchange, await oauth.authorization.issueForPerson(caller, params));
}

/** What is asked for, within what the assertion is for. */
function readCommonResources(
  ofAssertion: readonly string[],
  asked: readonly string[],
  base: string,
): readonly string[] | null {
  const allowed = readResources(ofAssertion, base);
  const wanted = asked.length === 0 ? allowed : readResources(asked, base);
  return allowed !== null && wanted !== null && wanted.every((path) => allowed.includes(path)) ? wanted : null;
}
