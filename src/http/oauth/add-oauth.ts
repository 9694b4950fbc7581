import type { Routes } from '../pipeline/routes.js';
import { answerConsent, beginAuthorization } from './page/authorize.js';
import { beginCompanySignIn, endCompanySignIn } from './page/company.js';
import { addMetadata } from './metadata.js';
import type { OAuthDeps } from './request/oauth-deps.js';
import { OAUTH_PATHS } from './request/paths.js';
import { addRefusedKeys } from './refused-keys.js';
import { register } from './register.js';
import { revoke } from './tokens/revoke.js';
import { answerTokenRequest } from './tokens/token.js';

/** The authorization server: discovery, registration, the consent page, tokens. */
export function addOAuth(routes: Routes, deps: OAuthDeps): void {
  addMetadata(routes, deps);
  addRefusedKeys(routes, deps);
  routes.add(OAUTH_PATHS.register, { POST: (exchange) => register(exchange, deps) });
  routes.add(OAUTH_PATHS.authorize, {
    GET: (exchange) => beginAuthorization(exchange, deps),
    POST: (exchange) => answerConsent(exchange, deps),
  });
  if (deps.oauth.company !== null) {
    routes.add(OAUTH_PATHS.company, { GET: (exchange) => beginCompanySignIn(exchange, deps) });
    routes.add(OAUTH_PATHS.callback, { GET: (exchange) => endCompanySignIn(exchange, deps) });
  }
  routes.add(OAUTH_PATHS.token, { POST: (exchange) => answerTokenRequest(exchange, deps) });
  routes.add(OAUTH_PATHS.revoke, { POST: (exchange) => revoke(exchange, deps) });
}
