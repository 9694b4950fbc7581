import { ErrandError } from '../../core/errors.js';
import type { HeaderFields } from '../transport/exchange.js';
import { originFields } from './cors.js';

export interface HostOptions {
  /** The address that the server listens on. */
  readonly host: string;
  readonly publicUrl: string | null;
  /**
   * Host names that it answers to, beside loopback names and the public one; `*` stands for every name. Empty: as
   * `host` suggests.
   */
  readonly allowedHosts: readonly string[];
  /** Whose pages may call it: `https://app.example`, or `*` for all. Empty: as `host` and `publicUrl` suggest. */
  readonly allowedOrigins: readonly string[];
}

/** Who may call the server, told by two headers. */
export interface HostGuard {
  /** Why a request with these headers is refused; null when it is not. */
  refusal(host: string | undefined, origin: string | undefined): ErrandError | null;
  /** What a browser wants to see on the answer to a page of an origin that was not refused. */
  fieldsFor(origin: string): HeaderFields;
}

/**
 * Against DNS rebinding: a page on the web can make a browser send requests to a local server under a host name of the
 * page's own, but cannot make it lie about that name or about the page's origin. A server with a public address has
 * nothing that a page gets by being in somebody's browser: keys are sent by who has them, and cookies, of the consent
 * page and of the console, count for what those pages themselves send alone. So any page may call it.
 */
export function createHostGuard(options: HostOptions): HostGuard {
  const { publicUrl, allowedHosts, allowedOrigins } = options;
  const publicHost = publicUrl === null ? null : new URL(publicUrl).hostname;
  const isPublic = !isLoopback(options.host) || (publicHost !== null && !isLoopback(publicHost));
  const anyOrigin = allowedOrigins.includes('*') || (isPublic && allowedOrigins.length === 0);
  const anyHost = allowedHosts.includes('*') || (!isLoopback(options.host) && allowedHosts.length === 0);
  const names = new Set(allowedHosts.map((host) => host.toLowerCase()));
  if (publicHost !== null) names.add(publicHost);
  const origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  if (publicUrl !== null) origins.add(new URL(publicUrl).origin);
  const isOwn = (hostname: string) => isLoopback(hostname) || names.has(hostname);
  // Nearly every request of a process has one of a few headers; what was decided about them is kept, within bounds.
  const mayName = remember((header) => isOwn(urlOf(`http://${header}`)?.hostname ?? ''));
  const mayCall = remember((header) => {
    const url = urlOf(header);
    return origins.has(url?.origin ?? header) || (!isPublic && url !== null && isLoopback(url.hostname));
  });

  return {
    refusal: (host, origin) => {
      if (!anyHost && host !== undefined && !mayName(host)) return refuseHost(host);
      if (origin === undefined || anyOrigin || mayCall(origin) || isSame(host, origin)) return null;
      return refuseOrigin(origin);
    },
    fieldsFor: (origin) => originFields(anyOrigin ? '*' : origin),
  };
}

/** A page that this server itself gave. */
function isSame(host: string | undefined, origin: string): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

function refuseHost(host: string): ErrandError {
  return forbidden(
    `This server does not answer to the host name ${quote(host)}. If it is the server's own, name it in ERRAND_ALLOWED_HOSTS, or set ERRAND_PUBLIC_URL to the address that clients use.`,
  );
}

function refuseOrigin(origin: string): ErrandError {
  return forbidden(
    `Pages of the origin ${quote(origin)} may not call this server. To let them, name the origin in ERRAND_ALLOWED_ORIGINS.`,
  );
}

function quote(header: string): string {
  return JSON.stringify(header.slice(0, 200));
}

function forbidden(message: string): ErrandError {
  return new ErrandError('forbidden', message);
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Null when it is no http or https URL. */
function urlOf(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
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
