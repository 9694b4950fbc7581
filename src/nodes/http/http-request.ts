import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { OutboundInit } from '../../core/ports/outbound.js';
import type { HttpSettings, QueryValue } from './http-settings.js';

export interface HttpRequest {
  readonly url: URL;
  readonly init: OutboundInit;
  /** The request as messages tell it: without query and credentials, which may be secret. */
  readonly told: string;
}

/**
 * Throws a NodeFailure of kind `invalid_config` that never holds the value of a header or the credentials of the URL.
 */
export function buildRequest(settings: HttpSettings, idempotencyKey: string): HttpRequest {
  const method = settings.method ?? 'GET';
  const url = parseUrl(settings.url);
  const headers = buildHeaders(settings.headers ?? {});
  for (const [name, value] of Object.entries(settings.query ?? {})) {
    for (const item of toList(value)) if (item !== null) url.searchParams.append(name, String(item));
  }
  const told = `${method} ${url.origin}${url.pathname}`;
  const body = buildBody(settings.body, headers);
  if (body !== null && (method === 'GET' || method === 'HEAD'))
    throw invalid(`${told}: a ${method} request has no body`);
  if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && !headers.has('idempotency-key')) {
    headers.set('idempotency-key', idempotencyKey);
  }
  const redirect = settings.follow_redirects === false ? 'manual' : 'follow';
  const { hosts = null } = settings;
  const init: OutboundInit = { method, headers, redirect, body, ...(hosts === null ? {} : { hosts }) };
  return { url, told, init };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw invalid('"url" is not an absolute URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`"url" must start with http:// or https://, not ${url.protocol}`);
  }
  return url;
}

function buildHeaders(given: NonNullable<HttpSettings['headers']>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    try {
      headers.set(name, String(value));
    } catch {
      throw invalid(`the header ${JSON.stringify(name)} has a name or value that HTTP cannot carry`);
    }
  }
  return headers;
}

function buildBody(body: unknown, headers: Headers): string | null {
  if (body === undefined || body === null) return null;
  const isText = typeof body === 'string';
  if (!headers.has('content-type')) {
    headers.set('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json');
  }
  return isText ? body : JSON.stringify(body);
}

function toList(value: QueryValue | readonly QueryValue[]): readonly QueryValue[] {
  return Array.isArray(value) ? (value as readonly QueryValue[]) : [value as QueryValue];
}

function invalid(message: string): NodeFailure {
  return new NodeFailure(message, { kind: 'invalid_config', retryable: false });
}
