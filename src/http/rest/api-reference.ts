import { createHash } from 'node:crypto';
import { API_PREFIX } from '../../api/endpoint.js';
import type { AppDeps } from '../pipeline/app-deps.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import type { Routes } from '../pipeline/routes.js';
import { ERROR_STATUS } from '../transport/error-status.js';
import { sendJson } from '../transport/replies.js';

function fieldsOfPage(style: string): string[] {
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return Object.entries({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }).flat();
}

interface Made {
  readonly base: string;
  readonly json: string;
  readonly page: string;
  readonly fields: string[];
}

/**
 * What the REST API offers, for programs and for readers. No key is needed: it says nothing about what is on the
 * server.
 */
export function addApiReference(routes: Routes, { publicUrl, version }: AppDeps): void {
  /** Of the base that was asked for last: there is hardly ever another. */
  let made: Made | null = null;
  const madeFor = async (base: string): Promise<Made> => {
    if (made?.base === base) return made;
    // Nobody asks most servers for it.
    const [{ openApiOf }, { PAGE_STYLE, renderPage }] = await Promise.all([
      import('../../api/openapi/document.js'),
      import('../../api/openapi/page.js'),
    ]);
    const document = openApiOf({ base, version, statusOf: ERROR_STATUS });
    made = { base, json: JSON.stringify(document), page: renderPage(document), fields: fieldsOfPage(PAGE_STYLE) };
    return made;
  };
  routes.add(`${API_PREFIX}/openapi.json`, {
    GET: async (exchange) => sendJson(exchange, (await madeFor(baseUrl(exchange, publicUrl))).json),
  });
  routes.add('/docs', {
    GET: async (exchange) => {
      const { fields, page } = await madeFor(baseUrl(exchange, publicUrl));
      exchange.send(200, fields, page);
    },
  });
}
