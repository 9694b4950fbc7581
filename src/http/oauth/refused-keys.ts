import { baseUrl, REFUSED_KEY } from '../pipeline/bearer-challenge.js';
import type { Routes } from '../pipeline/routes.js';
import { sendJson } from '../transport/replies.js';
import { pathPrefix, serverMetadata, WELL_KNOWN, WELL_KNOWN_OPENID } from './metadata.js';
import { sendErrorPage } from './page/consent-page.js';
import type { OAuthDeps } from './request/oauth-deps.js';
import { sendOAuthError } from './request/oauth-error.js';

const MESSAGE =
  'The API key that the client sent is not valid: it is unknown, expired or revoked. Put another key into the settings of the client; nobody can sign in at the address for keys.';

/**
 * Tells clients that can sign in that their key was refused at the address for keys, in words that they show: those of
 * a registration that failed.
 */
export function addRefusedKeys(routes: Routes, { publicUrl }: OAuthDeps): void {
  routes.add(REFUSED_KEY, {
    GET: (exchange) => sendErrorPage(exchange, MESSAGE),
    POST: (exchange) => sendOAuthError(exchange, { error: 'access_denied', message: MESSAGE }),
  });
  routes.add(`${REFUSED_KEY}/resource`, {
    GET: (exchange) => {
      const base = baseUrl(exchange, publicUrl);
      const servers = { authorization_servers: [base + REFUSED_KEY] };
      sendJson(exchange, JSON.stringify({ resource: `${base}/mcp/key`, resource_name: MESSAGE, ...servers }));
    },
  });
  const prefix = pathPrefix(publicUrl);
  const names = [WELL_KNOWN, WELL_KNOWN_OPENID].flatMap((name) => [name + REFUSED_KEY, name + prefix + REFUSED_KEY]);
  for (const name of new Set([...names, REFUSED_KEY + WELL_KNOWN_OPENID])) {
    routes.add(name, {
      GET: (exchange) => sendJson(exchange, JSON.stringify(refusingServer(baseUrl(exchange, publicUrl)))),
    });
  }
}

function refusingServer(base: string): object {
  const here = base + REFUSED_KEY;
  return {
    ...serverMetadata(base),
    issuer: here,
    authorization_endpoint: here,
    token_endpoint: here,
    registration_endpoint: here,
    client_id_metadata_document_supported: false,
  };
}
