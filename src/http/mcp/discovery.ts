import type { Hono } from 'hono';
import type { Contract } from '../../mcp/contract/contract.js';
import { REVISIONS } from '../../mcp/protocol/base/revisions.js';
import type { AppDeps, HttpContext, HttpEnv } from '../pipeline/app-deps.js';
import { SCOPES } from '../../core/tenant/principal.js';
import { MOUNTS } from './mounts.js';
import { jsonResponse, type HeaderFields } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
/** The REST API, as the resource that its keys are for. */
export const REST_PATH = '/api/v1';

/** How the outside reaches this server, without a slash at the end. */
export function baseUrl(c: HttpContext, { publicUrl }: Pick<AppDeps, 'publicUrl'>): string {
  return withoutSlash(publicUrl ?? new URL(c.req.url).origin);
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

/** Where RFC 9728, section 3.1, puts the metadata of the resource at a path below a base URL: between its host and its path. */
export function protectedResourceMetadataUrl(base: string, path: string): string {
  const { origin, pathname } = new URL(base);
  return `${origin}${WELL_KNOWN}${withoutSlash(pathname)}${path}`;
}

/** What a 401 tells of where to find out how to get in (RFC 9728, section 5.1), and what is wrong with the key (RFC 6750, section 3). */
export function bearerChallenge(params: {
  readonly base: string;
  readonly path: string;
  /** What is wrong with the credentials that were sent; null when there were none. */
  readonly problem: string | null;
  readonly keysOnly?: boolean;
}): HeaderFields {
  const metadata = protectedResourceMetadataUrl(params.base, params.path);
  const where = params.keysOnly === true ? 'realm="API keys of Errand"' : `resource_metadata="${metadata}"`;
  const { problem } = params;
  const error = problem === null ? '' : `, error="invalid_token", error_description="${toHeaderText(problem)}"`;
  return { 'www-authenticate': `Bearer ${where}${error}` };
}

/** As RFC 6750 wants descriptions: printable ASCII without double quotes and backslashes. */
function toHeaderText(message: string): string {
  return message.replaceAll(/["\\]/g, "'").replaceAll(/[^\x20-\x7e]/g, '?');
}

/** What tells programs, without a key, where the server is and how to authenticate. */
export function addDiscovery(app: Hono<HttpEnv>, deps: AppDeps): void {
  addRoute(app, '/mcp.json', { GET: (c) => jsonResponse(discoveryDocument(baseUrl(c, deps), deps.version)) });
  // A proxy that takes a path off what it passes on leaves it in an address that does not begin with it.
  const prefixes = new Set(['', deps.publicUrl === null ? '' : withoutSlash(new URL(deps.publicUrl).pathname)]);
  const resources = [
    { path: REST_PATH, name: 'Errand, REST API' },
    ...MOUNTS.filter(({ keysOnly }) => keysOnly !== true).map(({ path, contract }) => ({
      path,
      name: `Errand, contract ${contract.name}`,
    })),
  ];
  for (const { path, name } of resources) {
    // The resource must be the address as it was typed.
    for (const typed of [path, `${path}/`]) {
      const handlers = { GET: (c: HttpContext) => jsonResponse(resourceMetadata(baseUrl(c, deps) + typed, name)) };
      for (const prefix of prefixes) addRoute(app, WELL_KNOWN + prefix + typed, handlers);
    }
  }
}

/** RFC 9728, section 2. No authorization server issues tokens for Errand: whoever runs it hands keys out. */
function resourceMetadata(resource: string, name: string): object {
  return { resource, resource_name: name, scopes_supported: SCOPES, bearer_methods_supported: ['header'] };
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
