import type { Contract } from '../../mcp/contract/contract.js';
import { REVISIONS } from '../../mcp/protocol/base/revisions.js';
import { API_PREFIX } from '../../api/endpoint.js';
import { SCOPES } from '../../core/tenant/principal.js';
import type { AppDeps } from '../pipeline/app-deps.js';
import { baseUrl, FIRST_SCOPE, WELL_KNOWN_RESOURCE, withoutSlash } from '../pipeline/bearer-challenge.js';
import type { RouteHandler, Routes } from '../pipeline/routes.js';
import { sendJson } from '../transport/replies.js';
import { MOUNTS } from './mounts.js';

/** What tells programs, without a key, where the server is and how to authenticate. */
export function addDiscovery(routes: Routes, { publicUrl, version, oauth }: AppDeps): void {
  routes.add('/mcp.json', {
    GET: (exchange) => sendJson(exchange, JSON.stringify(discoveryDocument(baseUrl(exchange, publicUrl), version))),
  });
  // A proxy that takes a path off what it passes on leaves it in an address that does not begin with it.
  const prefixes = new Set(['', publicUrl === null ? '' : withoutSlash(new URL(publicUrl).pathname)]);
  const resources = [
    { path: API_PREFIX, name: 'Errand, REST API' },
    ...MOUNTS.filter(({ keysOnly }) => keysOnly !== true).map(({ path, contract }) => ({
      path,
      name: `Errand, contract ${contract.name}`,
    })),
  ];
  for (const { path, name } of resources) {
    // The resource must be the address as it was typed.
    for (const typed of [path, `${path}/`]) {
      const GET: RouteHandler = (exchange) => {
        const base = baseUrl(exchange, publicUrl);
        const signIn = oauth === undefined ? KEYS_ONLY : signInAt(base);
        sendJson(exchange, JSON.stringify({ ...resourceMetadata(base + typed, name), ...signIn }));
      };
      for (const prefix of prefixes) routes.add(WELL_KNOWN_RESOURCE + prefix + typed, { GET });
    }
  }
}

/** RFC 9728, section 2. */
function resourceMetadata(resource: string, name: string): object {
  return { resource, resource_name: name, bearer_methods_supported: ['header'] };
}

/** No authorization server issues tokens: whoever runs the server hands keys out. */
const KEYS_ONLY = { scopes_supported: SCOPES };

/** Clients that find no other hint ask for all the scopes that stand here. */
function signInAt(base: string): object {
  return { authorization_servers: [base], scopes_supported: FIRST_SCOPE.split(' ') };
}

function discoveryDocument(base: string, version: string): object {
  const url = `${base}/api/mcp-app`;
  return {
    name: 'errand',
    title: 'Errand',
    version,
    description: 'Runs agent workflows for other programs over MCP: start, poll, and never lose a run.',
    url,
    transport: 'streamable-http',
    protocolVersions: REVISIONS,
    authentication: {
      type: 'bearer',
      header: 'Authorization',
      format: 'Bearer sk_live_…',
      description:
        'An API key, 40 characters in all. Needed for tools/call only; whoever runs this server hands keys out.',
    },
    mcpServers: { errand: { type: 'http', url, headers: { Authorization: 'Bearer ${ERRAND_API_KEY}' } } },
  };
}

/** Every tool's schema, under the names that both families of programs look for. */
export function toolCatalog(contract: Contract, version: string): object {
  return {
    name: 'errand',
    version,
    description: contract.instructions,
    protocolVersions: REVISIONS,
    tools: contract.tools.fixed.map(({ name, title, description, inputSchema }) => ({
      name,
      title,
      description,
      inputSchema,
      input_schema: inputSchema,
    })),
  };
}
