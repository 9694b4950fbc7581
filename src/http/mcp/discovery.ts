import type { Hono } from 'hono';
import type { Contract } from '../../mcp/contract/contract.js';
import { REVISIONS } from '../../mcp/protocol/base/revisions.js';
import type { AppDeps, HttpContext, HttpEnv } from '../pipeline/app-deps.js';
import { MOUNTS } from './mounts.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** How the outside reaches this server, without a slash at the end. */
function baseUrl(c: HttpContext, { publicUrl }: Pick<AppDeps, 'publicUrl'>): string {
  return withoutSlash(publicUrl ?? new URL(c.req.url).origin);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Where RFC 9728 puts the metadata of the resource at a path below a base URL. */
export function protectedResourceMetadataUrl(base: string, path: string): string {
  return `${withoutSlash(base)}${WELL_KNOWN}${path}`;
}

/** What tells programs, without a key, where the server is and how to authenticate. */
export function addDiscovery(app: Hono<HttpEnv>, deps: AppDeps): void {
  addRoute(app, '/mcp.json', { GET: (c) => jsonResponse(discoveryDocument(baseUrl(c, deps), deps.version)) });
  addRoute(app, WELL_KNOWN, { GET: (c) => jsonResponse(resourceMetadata(baseUrl(c, deps), 'Errand')) });
  for (const { path, contract } of MOUNTS) {
    for (const resource of [path, `${path}/`]) {
      addRoute(app, WELL_KNOWN + resource, {
        GET: (c) => jsonResponse(resourceMetadata(baseUrl(c, deps) + resource, `Errand, contract ${contract.name}`)),
      });
    }
  }
}

function resourceMetadata(resource: string, name: string): object {
  return { resource, resource_name: name, bearer_methods_supported: ['header'] };
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
