import type { Exchange } from '../../transport/exchange.js';
import { sendJson } from '../../transport/replies.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import { sendOAuthError } from '../request/oauth-error.js';
import { readForm } from '../request/parameters.js';

/** RFC 7009. */
export async function revoke(exchange: Exchange, { oauth }: OAuthDeps): Promise<void> {
  const form = await readForm(exchange);
  const [token, clientId] = [form.get('token'), form.get('client_id')];
  if (token === null || clientId === null || form.repeated !== null) {
    return sendOAuthError(exchange, {
      error: 'invalid_request',
      message: '"token" and "client_id" must be there once.',
    });
  }
  await oauth.authorization.revokeToken({ token, clientId });
  sendJson(exchange, '{}');
}
