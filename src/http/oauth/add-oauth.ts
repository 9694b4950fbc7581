import type { Routes } from '../pipeline/routes.js';
import { answerConsent, beginAuthorization } from './authorize.js';
import { addMetadata } from './metadata.js';
import type { OAuthDeps } from './oauth-deps.js';
import { OAUTH_PATHS } from './paths.js';
import { register } from './register.js';
import { revoke } from './revoke.js';
import { answerTokenRequest } from './token.js';

/** The authorization server: discovery, registration, the consent page, tokens. */
export function addOAuth(routes: Routes, deps: OAuthDeps): void {
  addMetadata(routes, deps.publicUrl);
  routes.add(OAUTH_PATHS.register, { POST: (exchange) => register(exchange, deps) });
  routes.add(OAUTH_PATHS.authorize, {
    GET: (exchange) => beginAuthorization(exchange, deps),
    POST: (exchange) => answerConsent(exchange, deps),
  });
  routes.add(OAUTH_PATHS.token, { POST: (exchange) => answerTokenRequest(exchange, deps) });
  routes.add(OAUTH_PATHS.revoke, { POST: (exchange) => revoke(exchange, deps) });
}
