import type { TokenAnswer } from '../../../service/interface/authorization.js';
import type { Exchange } from '../../transport/exchange.js';
import { sendJson } from '../../transport/replies.js';
import { sendOAuthError } from '../request/oauth-error.js';

/** RFC 6749, section 5. */
export function sendTokens(exchange: Exchange, answer: TokenAnswer): void {
  if (answer.kind === 'refused') {
    const status = answer.error === 'invalid_client' ? 401 : 400;
    return sendOAuthError(exchange, { error: answer.error, message: answer.message, status });
  }
  const { accessToken, refreshToken, expiresInSeconds, scopes } = answer;
  const body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    scope: scopes.join(' '),
  };
  sendJson(exchange, JSON.stringify(body), 200, { pragma: 'no-cache' });
}
