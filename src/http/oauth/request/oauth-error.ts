import type { Exchange, HeaderFields } from '../../transport/exchange.js';
import { sendJson } from '../../transport/replies.js';

/** RFC 6749, sections 4.1.2.1 and 5.2; RFC 7591, section 3.2.2; RFC 8707, section 2. */
export type OAuthErrorCode =
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_client_metadata'
  | 'invalid_grant'
  | 'invalid_redirect_uri'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'login_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'temporarily_unavailable'
  | 'unsupported_grant_type'
  | 'unsupported_response_type';

export function sendOAuthError(
  exchange: Exchange,
  params: {
    readonly error: OAuthErrorCode;
    readonly message: string;
    readonly status?: number;
    readonly headers?: HeaderFields;
  },
): void {
  const { error, message, status = 400, headers } = params;
  sendJson(exchange, JSON.stringify({ error, error_description: message }), status, headers);
}

export function sendTooMany(exchange: Exchange, retryAfterSeconds: number): void {
  const message = `Too many requests from this address. Try again in ${retryAfterSeconds} s.`;
  const headers = { 'retry-after': String(retryAfterSeconds) };
  sendOAuthError(exchange, { error: 'temporarily_unavailable', message, status: 429, headers });
}
