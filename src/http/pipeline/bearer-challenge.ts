import { neededScope } from '../../auth/needed-scope.js';
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
    /** Whether there is an authorization server to sign in at. */
    readonly signIn: boolean;
  },
): HeaderFields {
  const { publicUrl, resource, error, keysOnly, signIn } = params;
  const needed = neededScope(error);
  const hasCredentials = (exchange.header('authorization') ?? '').trim() !== '';
  return bearerChallenge({
    base: publicUrl ?? readOrigin(exchange),
    path: resource,
    problem: hasCredentials ? error.message : null,
    keysOnly: keysOnly === true,
    namesRefusal: keysOnly === true && signIn && hasCredentials,
    isInsufficient: needed !== null,
    scope: needed ?? (signIn ? FIRST_SCOPE : null),
  });
}

/** What clients are to ask for first; without it they ask for all that there is. */
export const FIRST_SCOPE = 'read run';

/**
 * Where clients are led whose key was refused at the address for keys. Without it, those that can sign in look for a
 * server at the root and open its page, though no token is taken here. It is an authorization server that registers
 * nobody and says why, and is named to those only that have sent a key.
 */
export const REFUSED_KEY = '/oauth/refused-key';

/** Whether the answer to it is to say how to get in, or further. */
export function isChallenge(error: ErrandError): boolean {
  return error.code === 'unauthenticated' || neededScope(error) !== null;
}

/**
 * What a 401 tells of where to find out how to get in (RFC 9728, section 5.1), and what is wrong with the key (RFC
 * 6750, section 3).
 */
export function bearerChallenge(params: {
  readonly base: string;
  readonly path: string;
  /** What is wrong with the credentials that were sent; null when there were none. */
  readonly problem: string | null;
  readonly keysOnly?: boolean;
  /** Whether clients are led to where they are told that nobody can sign in for a key that was refused. */
  readonly namesRefusal?: boolean;
  /** Whether the credentials are good, but not for this. */
  readonly isInsufficient?: boolean;
  /** What to sign in for; null where nobody can. */
  readonly scope?: string | null;
}): HeaderFields {
  const { problem, isInsufficient, scope = null, keysOnly, namesRefusal } = params;
  const refusal =
    namesRefusal === true ? `, resource_metadata="${withoutSlash(params.base)}${REFUSED_KEY}/resource"` : '';
  const where =
    keysOnly === true
      ? `realm="API keys of Errand"${refusal}`
      : `resource_metadata="${resourceMetadataUrl(params.base, params.path)}"`;
  const code = isInsufficient === true ? 'insufficient_scope' : 'invalid_token';
  const error = problem === null ? '' : `, error="${code}", error_description="${toHeaderText(problem)}"`;
  const asked = scope === null || keysOnly === true ? '' : `, scope="${scope}"`;
  return { 'www-authenticate': `Bearer ${where}${asked}${error}` };
}

/** As RFC 6750 wants descriptions: printable ASCII without double quotes and backslashes. */
function toHeaderText(message: string): string {
  return message.replaceAll(/["\\]/g, "'").replaceAll(/[^\x20-\x7e]/g, '?');
}

/**
 * Where RFC 9728, section 3.1, puts the metadata of the resource at a path below a base URL: between its host and its
 * path.
 */
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
