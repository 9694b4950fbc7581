import { isNative, readClientMetadata } from '../../auth/oauth/client-metadata.js';
import { DEFAULT_MAX_BODY_BYTES } from '../pipeline/app-deps.js';
import { readJsonBody } from '../pipeline/json-body.js';
import type { Exchange } from '../transport/exchange.js';
import { sendJson } from '../transport/replies.js';
import { clientAddress } from '../pipeline/client-address.js';
import type { OAuthDeps } from './request/oauth-deps.js';
import { sendOAuthError, sendTooMany } from './request/oauth-error.js';

const MAX_BODY_BYTES = Math.min(DEFAULT_MAX_BODY_BYTES, 65_536);

/** RFC 7591. Whatever a client asks to be, it is registered as a public one, and told so. */
export async function register(exchange: Exchange, { oauth }: OAuthDeps): Promise<void> {
  const taken = oauth.limits.registrations.take(clientAddress(exchange, oauth.isTrustedProxy));
  if (!taken.ok) return sendTooMany(exchange, taken.retryAfterSeconds);
  const read = readClientMetadata(await readJsonBody(exchange, MAX_BODY_BYTES), 'A client without a name');
  if (read.kind === 'refused') return sendOAuthError(exchange, { error: read.error, message: read.message });
  const { name, redirectUris } = read;
  const client = await oauth.authorization.registerClient({ name, redirectUris });
  const answer = {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt / 1_000),
    client_name: name,
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: isNative({ redirectUris }) ? 'native' : 'web',
  };
  sendJson(exchange, JSON.stringify(answer), 201);
}
