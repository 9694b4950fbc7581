import { API_PREFIX } from '../../../api/endpoint.js';
import { MOUNTS } from '../../mcp/mounts.js';

/** What tokens can be for, by its path below the address of the server. */
const MCP_PATHS = MOUNTS.filter(({ keysOnly }) => keysOnly !== true).map(({ path }) => path);
const PATHS: readonly string[] = [...MCP_PATHS, API_PREFIX];

/**
 * The paths that resource indicators name (RFC 8707), with and without a final slash; null when one is none of this
 * server's. A client that names none is of before there were any, and gets what serves MCP; so does one that names the
 * server as a whole.
 */
export function readResources(named: readonly string[], base: string): readonly string[] | null {
  if (named.length === 0) return MCP_PATHS;
  const paths: string[] = [];
  for (const resource of named) {
    const path = pathBelow(resource, base);
    if (path === '') paths.push(...MCP_PATHS);
    else if (path !== null && PATHS.includes(path)) paths.push(path);
    else return null;
  }
  return [...new Set(paths)];
}

function pathBelow(resource: string, base: string): string | null {
  if (!URL.canParse(resource) || resource.includes('#')) return null;
  const [url, own] = [new URL(resource), new URL(base)];
  if (url.origin !== own.origin || url.search !== '' || url.username !== '' || url.password !== '') return null;
  const [path, prefix] = [url.pathname.replace(/\/$/, ''), own.pathname.replace(/\/$/, '')];
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return null;
  return path.slice(prefix.length);
}
