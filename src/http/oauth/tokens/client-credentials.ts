import { isErrandError } from '../../../core/errors.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { baseUrl } from '../../pipeline/bearer-challenge.js';
import type { Exchange } from '../../transport/exchange.js';
import { readBasic } from '../request/basic.js';
import { clientAddress } from '../../pipeline/client-address.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import { sendOAuthError, sendTooMany } from '../request/oauth-error.js';
import { readScopes, type Parameters } from '../request/parameters.js';
import { OAUTH_PATHS } from '../request/paths.js';
import { readResources } from '../request/resources.js';
import { sendTokens } from './send-tokens.js';

/**
 * RFC 6749, section 4.4: for programs without a person. The client is an API key: its id, and the key as its secret.
 */
export async function answerForKey(exchange: Exchange, form: Parameters, deps: OAuthDeps): Promise<void> {
  const { authorization } = deps.oauth;
  const resources = readResources(form.all('resource'), baseUrl(exchange, deps.publicUrl));
  if (resources === null) {
    return sendOAuthError(exchange, { error: 'invalid_target', message: 'This server has no such resource.' });
  }
  await withKey(exchange, form, deps, async (caller) => {
    sendTokens(exchange, await authorization.issueForKey(caller, { scopes: readScopes(form.get('scope')), resources }));
  });
}

/** Has `answer` answer a client that is an API key, and refuses every other. */
export async function withKey(
  exchange: Exchange,
  form: Parameters,
  deps: OAuthDeps,
  answer: (caller: Principal) => Promise<void>,
): Promise<void> {
  const { limits, isTrustedProxy } = deps.oauth;
  const taken = limits.signIns.take(clientAddress(exchange, isTrustedProxy));
  if (!taken.ok) return sendTooMany(exchange, taken.retryAfterSeconds);
  const client = readBasic(exchange) ?? { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  try {
    const caller = await deps.authenticate(`Bearer ${client.secret}`, OAUTH_PATHS.token);
    if (caller.keyId !== client.id) return refuseClient(exchange);
    await answer(caller);
  } catch (thrown) {
    if (!isErrandError(thrown) || thrown.code !== 'unauthenticated') throw thrown;
    refuseClient(exchange);
  }
}

function refuseClient(exchange: Exchange): void {
  const message = 'The client_id must be the id of a valid API key, and the client_secret that key.';
  const headers = { 'www-authenticate': 'Basic realm="Errand"' };
  sendOAuthError(exchange, { error: 'invalid_client', message, status: 401, headers });
}
