import { createHash } from 'node:crypto';
import { API_PREFIX } from '../../api/endpoint.js';
import { openApiOf } from '../../api/openapi/document.js';
import { PAGE_STYLE, renderPage } from '../../api/openapi/page.js';
import type { AppDeps } from '../pipeline/app-deps.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import type { Routes } from '../pipeline/routes.js';
import { ERROR_STATUS } from '../transport/error-status.js';
import { sendJson } from '../transport/replies.js';

const PAGE_FIELDS = Object.entries({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}).flat();

/**
 * What the REST API offers, for programs and for readers. No key is needed: it says nothing about what is on the
 * server.
 */
export function addApiReference(routes: Routes, { publicUrl, version }: AppDeps): void {
  /** Of the base that was asked for last: there is hardly ever another. */
  let made: { readonly base: string; readonly json: string; readonly page: string } | null = null;
  const madeFor = (base: string) => {
    if (made?.base === base) return made;
    const document = openApiOf({ base, version, statusOf: ERROR_STATUS });
    made = { base, json: JSON.stringify(document), page: renderPage(document) };
    return made;
  };
  routes.add(`${API_PREFIX}/openapi.json`, {
    GET: (exchange) => sendJson(exchange, madeFor(baseUrl(exchange, publicUrl)).json),
  });
  routes.add('/docs', {
    GET: (exchange) => exchange.send(200, PAGE_FIELDS, madeFor(baseUrl(exchange, publicUrl)).page),
  });
}
