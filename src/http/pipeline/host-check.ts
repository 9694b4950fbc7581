import type { MiddlewareHandler } from 'hono';
import { ErrandError } from '../../core/errors.js';
import type { HttpEnv } from './app-deps.js';
import { apiErrorResponse } from '../transport/responses.js';

interface HostOptions {
  readonly host: string;
  readonly publicUrl: string | null;
  readonly allowedHosts: readonly string[];
}

/** Why a request with these headers is refused; null when it is not. */
export type HostGuard = (host: string | undefined, origin: string | undefined) => ErrandError | null;

/**
 * Against DNS rebinding: a page on the web can make a browser send requests to a local server under a host name of the page's
 * own, but cannot make it lie about that name or about the page's origin.
 */
export function createHostGuard(options: HostOptions): HostGuard {
  const named = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
  if (options.publicUrl !== null) named.add(new URL(options.publicUrl).hostname);
  const anyHost = !isLoopback(options.host) && options.allowedHosts.length === 0;
  const isKnown = (hostname: string | null) => hostname !== null && (isLoopback(hostname) || named.has(hostname));
  // Nearly every request of a process has one of a few headers; what was decided about them is kept, within bounds.
  const hosts = remember((header) => isKnown(hostnameOf(`http://${header}`)));
  const origins = remember((header) => isKnown(hostnameOf(header)));

  return (host, origin) => {
    if (!anyHost && host !== undefined && !hosts(host)) {
      return refuse(
        `This server does not answer to the host name ${JSON.stringify(host)}. Allow it, or set the public URL.`,
      );
    }
    if (origin !== undefined && !origins(origin)) return refuse('Pages of this origin may not call this server.');
    return null;
  };
}

/** The guard before everything that Hono serves. */
export function hostCheck(guard: HostGuard): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const refusal = guard(c.req.header('host'), c.req.header('origin'));
    return refusal === null ? next() : apiErrorResponse(refusal);
  };
}

function refuse(message: string): ErrandError {
  return new ErrandError('forbidden', message);
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Of an http or https URL, in lower case; null when it is none. */
function hostnameOf(url: string): string | null {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? hostname : null;
  } catch {
    return null;
  }
}

const MAX_REMEMBERED = 100;

function remember(decide: (header: string) => boolean): (header: string) => boolean {
  const decided = new Map<string, boolean>();
  return (header) => {
    const known = decided.get(header);
    if (known !== undefined) return known;
    const decision = decide(header);
    if (decided.size >= MAX_REMEMBERED) decided.clear();
    decided.set(header, decision);
    return decision;
  };
}
