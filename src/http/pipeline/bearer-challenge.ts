import type { ErrandError } from '../../core/errors.js';
import { readOrigin, type Exchange, type HeaderFields } from '../transport/exchange.js';

/** Where the metadata of protected resources is: RFC 9728. */
export const WELL_KNOWN_RESOURCE = '/.well-known/oauth-protected-resource';

/** What the answer to a request that was not authenticated tells. */
export function challengeTo(
  exchange: Exchange,
  params: {
    readonly publicUrl: string | null;
    /** The path of what was asked for. */
    readonly resource: string;
    readonly error: ErrandError;
    readonly keysOnly?: boolean;
  },
): HeaderFields {
  const { publicUrl, resource, error, keysOnly } = params;
  const hasCredentials = (exchange.header('authorization') ?? '').trim() !== '';
  return bearerChallenge({
    base: publicUrl ?? readOrigin(exchange),
    path: resource,
    problem: hasCredentials ? error.message : null,
    keysOnly: keysOnly === true,
  });
}

/** What a 401 tells of where to find out how to get in (RFC 9728, section 5.1), and what is wrong with the key (RFC 6750, section 3). */
export function bearerChallenge(params: {
  readonly base: string;
  readonly path: string;
  /** What is wrong with the credentials that were sent; null when there were none. */
  readonly problem: string | null;
  readonly keysOnly?: boolean;
}): HeaderFields {
  const metadata = resourceMetadataUrl(params.base, params.path);
  const where = params.keysOnly === true ? 'realm="API keys of Errand"' : `resource_metadata="${metadata}"`;
  const { problem } = params;
  const error = problem === null ? '' : `, error="invalid_token", error_description="${toHeaderText(problem)}"`;
  return { 'www-authenticate': `Bearer ${where}${error}` };
}

/** As RFC 6750 wants descriptions: printable ASCII without double quotes and backslashes. */
function toHeaderText(message: string): string {
  return message.replaceAll(/["\\]/g, "'").replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Where RFC 9728, section 3.1, puts the metadata of the resource at a path below a base URL: between its host and its path. */
function resourceMetadataUrl(base: string, path: string): string {
  const { origin, pathname } = new URL(base);
  return `${origin}${WELL_KNOWN_RESOURCE}${withoutSlash(pathname)}${path}`;
}

/** How the outside reaches this server, without a slash at the end. */
export function baseUrl(exchange: Exchange, publicUrl: string | null): string {
  return withoutSlash(publicUrl ?? readOrigin(exchange));
}

export function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
