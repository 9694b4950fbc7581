import { SIGNING_ALGORITHMS } from '../../auth/oauth/signing.js';
import { GRANTABLE_SCOPES } from '../../core/tenant/principal.js';
import { baseUrl, withoutSlash } from '../pipeline/bearer-challenge.js';
import type { RouteHandler, Routes } from '../pipeline/routes.js';
import { sendJson } from '../transport/replies.js';
import type { OAuthDeps } from './request/oauth-deps.js';
import { OAUTH_PATHS } from './request/paths.js';
import { JWT_BEARER } from './tokens/identity-assertion.js';

export const WELL_KNOWN = '/.well-known/oauth-authorization-server';
export const WELL_KNOWN_OPENID = '/.well-known/openid-configuration';

/**
 * RFC 8414, section 3.1: between the host of the public address and its path. OpenID's discovery puts it behind the
 * path; clients look for either name in either place.
 */
export function addMetadata(routes: Routes, { publicUrl, oauth }: OAuthDeps): void {
  const GET: RouteHandler = (exchange) =>
    sendJson(
      exchange,
      JSON.stringify({
        ...serverMetadata(baseUrl(exchange, publicUrl)),
        ...(oauth.assertions === null ? {} : OF_COMPANY),
      }),
    );
  const prefix = pathPrefix(publicUrl);
  const paths = [WELL_KNOWN, WELL_KNOWN_OPENID].flatMap((name) => [name, name + prefix, prefix + name]);
  for (const path of new Set(paths)) routes.add(path, { GET });
  // Tokens are opaque: there is no key to check them with.
  const keys: RouteHandler = (exchange) => sendJson(exchange, '{"keys":[]}');
  routes.add(OAUTH_PATHS.keys, { GET: keys });
}

/** The path of the public address, which a proxy may take off what it passes on. */
export function pathPrefix(publicUrl: string | null): string {
  return publicUrl === null ? '' : withoutSlash(new URL(publicUrl).pathname);
}

/** RFC 8414, section 2; what OpenID's discovery requires beside it is there for clients that know no other. */
export function serverMetadata(base: string): object {
  return {
    issuer: base,
    authorization_endpoint: base + OAUTH_PATHS.authorize,
    token_endpoint: base + OAUTH_PATHS.token,
    registration_endpoint: base + OAUTH_PATHS.register,
    revocation_endpoint: base + OAUTH_PATHS.revoke,
    jwks_uri: base + OAUTH_PATHS.keys,
    scopes_supported: GRANTABLE_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: GRANT_TYPES,
    // The secrets are API keys, for `client_credentials`; clients that people sign in for have none, or sign.
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt', 'client_secret_basic', 'client_secret_post'],
    token_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['none'],
  };
}

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'];

/** draft-ietf-oauth-identity-assertion-authz-grant, section 7. */
const OF_COMPANY = {
  grant_types_supported: [...GRANT_TYPES, JWT_BEARER],
  authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
};
