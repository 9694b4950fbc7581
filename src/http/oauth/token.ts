import type { TokenAnswer } from '../../service/interface/authorization.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import type { Exchange } from '../transport/exchange.js';
import { sendJson } from '../transport/replies.js';
import type { OAuthDeps } from './oauth-deps.js';
import { sendOAuthError } from './oauth-error.js';
import { readForm, readScopes, type Parameters } from './parameters.js';
import { readResources } from './resources.js';

interface TokenRequest {
  readonly form: Parameters;
  readonly clientId: string;
  readonly resources: readonly string[] | null;
}

/** RFC 6749, sections 4.1.3 and 6. */
export async function answerTokenRequest(exchange: Exchange, deps: OAuthDeps): Promise<void> {
  const form = await readForm(exchange);
  const refuse = (message: string): void => sendOAuthError(exchange, { error: 'invalid_request', message });
  if (form.repeated !== null) return refuse(`"${form.repeated.slice(0, 50)}" is there twice.`);
  const clientId = readClientId(exchange, form);
  if (clientId === null) {
    const message = 'Clients here are public: "client_id" in the body is all that they send of themselves.';
    return sendOAuthError(exchange, { error: 'invalid_client', message, status: 401 });
  }
  const named = form.all('resource');
  const resources = named.length === 0 ? null : readResources(named, baseUrl(exchange, deps.publicUrl));
  if (named.length > 0 && resources === null) {
    return sendOAuthError(exchange, { error: 'invalid_target', message: 'This server has no such resource.' });
  }
  const answer = await answerGrant({ form, clientId, resources }, deps);
  if (answer === 'unknown') {
    const message = 'The grant types are authorization_code and refresh_token.';
    return sendOAuthError(exchange, { error: 'unsupported_grant_type', message });
  }
  if (answer === 'incomplete') return refuse('The code, the code_verifier or the refresh_token is missing.');
  sendTokens(exchange, answer);
}

async function answerGrant(
  { form, clientId, resources }: TokenRequest,
  { oauth: { authorization } }: OAuthDeps,
): Promise<TokenAnswer | 'unknown' | 'incomplete'> {
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const [code, verifier] = [form.get('code'), form.get('code_verifier')];
      if (code === null || verifier === null) return 'incomplete';
      const redirectUri = form.get('redirect_uri');
      return authorization.exchangeCode({ code, verifier, clientId, redirectUri, resources });
    }
    case 'refresh_token': {
      const refreshToken = form.get('refresh_token');
      if (refreshToken === null) return 'incomplete';
      const scope = form.get('scope');
      const scopes = scope === null ? null : readScopes(scope);
      return authorization.refreshAccess({ refreshToken, clientId, scopes, resources });
    }
    default:
      return 'unknown';
  }
}

function sendTokens(exchange: Exchange, answer: TokenAnswer): void {
  if (answer.kind === 'refused') return sendOAuthError(exchange, { error: answer.error, message: answer.message });
  const { accessToken, refreshToken, expiresInSeconds, scopes } = answer;
  const body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    refresh_token: refreshToken,
    scope: scopes.join(' '),
  };
  sendJson(exchange, JSON.stringify(body), 200, { pragma: 'no-cache' });
}

/** Of a public client, also where it stands in a header of HTTP's basic authentication without a password. */
function readClientId(exchange: Exchange, form: Parameters): string | null {
  const given = form.get('client_id');
  const encoded = /^basic +([\w+/]+={0,2})$/i.exec(exchange.header('authorization') ?? '')?.[1];
  if (encoded === undefined) return form.get('client_secret') === null ? given : null;
  const [user = '', password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const named = new URLSearchParams(`id=${user}`).get('id');
  return password === '' && (given === null || given === named) ? named : null;
}
