import { ErrandError } from '../../core/errors.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import type { RouteHandler, Routes } from '../pipeline/routes.js';
import type { Exchange } from '../transport/exchange.js';
import { ConsoleFiles, type ConsoleFile } from './console-files.js';
import { addCompanyRoutes } from './company-routes.js';
import { CONSOLE_PATH } from './paths.js';
import { addSessionRoutes, type ConsoleDeps } from './session-routes.js';

/** Nothing is loaded from elsewhere, nothing written in the page runs, and no other page shows it in a frame. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types errand-worker',
].join('; ');

const COMMON_FIELDS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const PAGE_FIELDS = Object.entries({
  ...COMMON_FIELDS,
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
}).flat();

/** Names of files change with what is in them. */
const FILE_CACHE = 'public, max-age=31536000, immutable';

/** The page loads itself anew when it meets this: see `console/src/app/stale-page.ts`. */
const GONE = 'There is no such file: the console was updated since this page was opened. Reload the page.';

/** Screens are at most so deep: `/console/runs/run_…/log`. */
const SCREENS = ['', '/:a', '/:a/:b', '/:a/:b/:c'];
/** What stands below the console and is no screen. */
const NOT_SCREENS = new Set(['api', 'assets', 'session']);

/** The console: its page at the address of each screen, what that loads, and sessions. */
export function addConsole(routes: Routes, deps: ConsoleDeps): void {
  const files = new ConsoleFiles(deps.console.folder);
  addSessionRoutes(routes, deps);
  addCompanyRoutes(routes, deps);
  routes.add(`${CONSOLE_PATH}/assets/:name`, {
    GET: (exchange, { name = '' }) => {
      const file = files.get(name);
      if (file === null) throw new ErrandError('not_found', GONE);
      sendFile(exchange, file);
    },
  });
  const company = deps.oauth?.company?.name;
  // Who can sign people in, for the page on which they do.
  const companyTag = company === undefined ? '' : `<meta name="errand-company" content="${escapeText(company)}" />`;
  const sendPage: RouteHandler = (exchange, { a = '' }) => {
    if (NOT_SCREENS.has(a)) throw new ErrandError('not_found', `Nothing is served at ${exchange.path}.`);
    const path = new URL(baseUrl(exchange, deps.publicUrl)).pathname.replace(/\/$/, '');
    const base = `<base href="${escapeText(path)}${CONSOLE_PATH}/" />`;
    const page = files.page.replace('<base href="/" />', () => base + companyTag);
    exchange.send(200, PAGE_FIELDS, page);
  };
  for (const screen of SCREENS) routes.add(CONSOLE_PATH + screen, { GET: sendPage });
  routes.add(`${CONSOLE_PATH}/`, { GET: sendPage });
}

function sendFile(exchange: Exchange, { type, plain, gzip }: ConsoleFile): void {
  const isZipped = gzip !== null && /\bgzip\b/.test(exchange.header('accept-encoding') ?? '');
  const fields = {
    ...COMMON_FIELDS,
    'content-type': type,
    'cache-control': FILE_CACHE,
    vary: 'Accept-Encoding',
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
  };
  exchange.send(200, Object.entries(fields).flat(), isZipped ? gzip : plain);
}

function escapeText(path: string): string {
  return path.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
