import type { TokenAnswer } from '../../../service/interface/authorization.js';
import { baseUrl } from '../../pipeline/bearer-challenge.js';
import type { Exchange } from '../../transport/exchange.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import { sendOAuthError } from '../request/oauth-error.js';
import { answerForKey } from './client-credentials.js';
import { identifyClient, type IdentifiedClient } from './identify-client.js';
import { readForm, readScopes, type Parameters } from '../request/parameters.js';
import { readResources } from '../request/resources.js';
import { answerForPerson, JWT_BEARER } from './identity-assertion.js';
import { sendTokens } from './send-tokens.js';

interface TokenRequest {
  readonly form: Parameters;
  readonly client: IdentifiedClient;
  readonly resources: readonly string[] | null;
}

/** RFC 6749, sections 4.1.3 and 6. */
export async function answerTokenRequest(exchange: Exchange, deps: OAuthDeps): Promise<void> {
  const form = await readForm(exchange);
  const refuse = (message: string): void => sendOAuthError(exchange, { error: 'invalid_request', message });
  if (form.repeated !== null) return refuse(`"${form.repeated.slice(0, 50)}" is there twice.`);
  const { assertions } = deps.oauth;
  if (form.get('grant_type') === 'client_credentials') return answerForKey(exchange, form, deps);
  if (form.get('grant_type') === JWT_BEARER && assertions !== null) {
    return answerForPerson(exchange, form, { ...deps, oauth: { ...deps.oauth, assertions } });
  }
  const client = await identifyClient(exchange, form, deps);
  if (client === null) return;
  const named = form.all('resource');
  const resources = named.length === 0 ? null : readResources(named, baseUrl(exchange, deps.publicUrl));
  if (named.length > 0 && resources === null) {
    return sendOAuthError(exchange, { error: 'invalid_target', message: 'This server has no such resource.' });
  }
  const answer = await answerGrant({ form, client, resources }, deps);
  if (answer === 'unknown') {
    const message = 'The grant types are authorization_code, refresh_token and client_credentials.';
    return sendOAuthError(exchange, { error: 'unsupported_grant_type', message });
  }
  if (answer === 'incomplete') return refuse('The code, the code_verifier or the refresh_token is missing.');
  sendTokens(exchange, answer);
}

async function answerGrant(
  { form, client, resources }: TokenRequest,
  { oauth: { authorization } }: OAuthDeps,
): Promise<TokenAnswer | 'unknown' | 'incomplete'> {
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const [code, verifier] = [form.get('code'), form.get('code_verifier')];
      if (code === null || verifier === null) return 'incomplete';
      const redirectUri = form.get('redirect_uri');
      return authorization.exchangeCode({ ...client, code, verifier, redirectUri, resources });
    }
    case 'refresh_token': {
      const refreshToken = form.get('refresh_token');
      if (refreshToken === null) return 'incomplete';
      const scope = form.get('scope');
      const scopes = scope === null ? null : readScopes(scope);
      return authorization.refreshAccess({ ...client, refreshToken, scopes, resources });
    }
    default:
      return 'unknown';
  }
}
