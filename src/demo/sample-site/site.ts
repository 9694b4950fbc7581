import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { makePicture } from './picture.js';

export interface SampleSite {
  /** `http://127.0.0.1:49152/` */
  readonly url: string;
  /** The paths that were asked for, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
  readonly delayMs: number;
}

const PAGES = [
  '/',
  '/about',
  '/bread',
  '/cakes',
  '/catering',
  '/contact',
  '/directions',
  '/gallery',
  '/news',
  '/news/winter-hours',
  '/opening-hours',
  '/order',
  '/staff/rota',
  '/summer-menu',
  '/team',
];

const GOOD_HEADERS = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'max-age=60',
};

/** What is wrong with the answers of single pages; `null` takes a header away. */
const PLANTED_HEADERS: { readonly [path: string]: { readonly [name: string]: string | null } } = {
  '/bread': { 'content-encoding': null },
  '/catering': { 'referrer-policy': null },
  '/contact': { 'content-security-policy': null, 'x-frame-options': null },
  '/gallery': { 'content-security-policy': null },
  '/news': { 'x-content-type-options': null },
  '/order': { 'set-cookie': 'basket=empty; Path=/', 'x-powered-by': 'ShopKit 2.3.1' },
};

const SLOW_PAGE = '/order';
const SLOW_MS = 1_200;

const ROBOTS = 'User-agent: *\nDisallow: /staff/\n';

const STYLES = `body { margin: 0 auto; max-width: 46rem; padding: 1rem; font: 1.05rem/1.6 Georgia, serif; color: #2b2a26; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; padding: 0; list-style: none; }
.name { font-size: 1.6rem; font-weight: bold; color: #3d5a40; }
a { color: #2f5d3a; }
img { max-width: 100%; height: auto; }
footer { margin-top: 3rem; border-top: 1px solid #ccc; font-size: 0.9rem; }
`;

/** Serves the web site of a bakery that doesn't exist, with all the faults of `planted-faults.ts`. */
export async function startSampleSite(params: { host?: string; port?: number } = {}): Promise<SampleSite> {
  const host = params.host ?? '127.0.0.1';
  const answers = new Map<string, Answer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(pathname);
    send(request, response, answers.get(pathname) ?? page({ path: pathname, status: 404, html: NOT_FOUND }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(params.port ?? 0, host, resolve);
  });
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  for (const [path, answer] of makeAnswers(origin)) answers.set(path, answer);
  return {
    url: `${origin}/`,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

const NOT_FOUND = '<!doctype html><html lang="en"><title>Not found | Fern &amp; Flour</title><h1>Not found</h1></html>';
const BROKEN = '<!doctype html><html lang="en"><title>Error | Fern &amp; Flour</title><h1>Something broke</h1></html>';

function makeAnswers(origin: string): [string, Answer][] {
  const listed = PAGES.filter((path) => !path.startsWith('/staff/'));
  const urls = listed.map((path) => `<url><loc>${origin}${path}</loc></url>`).join('');
  const sitemap = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls}</urlset>`;
  const oven = makePicture({ width: 720, height: 700, grain: true });
  const dough = makePicture({ width: 560, height: 540, grain: true });
  const cake = makePicture({ width: 420, height: 400, grain: true });
  const shop = makePicture({ width: 120, height: 80, grain: false });
  const files: [path: string, type: string, body: Buffer | string][] = [
    ['/robots.txt', 'text/plain', `${ROBOTS}Sitemap: ${origin}/sitemap.xml\n`],
    ['/sitemap.xml', 'application/xml', sitemap],
    ['/styles/site.css', 'text/css', STYLES],
    ['/scripts/forms.js', 'text/javascript', 'document.documentElement.classList.add("js");\n'],
    ['/scripts/basket.js', 'text/javascript', 'document.documentElement.classList.add("basket");\n'],
    ['/images/oven.png', 'image/png', oven],
    ['/images/dough.png', 'image/png', dough],
    ['/images/wedding-cake.png', 'image/png', cake],
    ['/images/shop.png', 'image/png', shop],
  ];
  return [
    ...PAGES.map((path): [string, Answer] => [path, page({ path, status: 200, html: readPage(path) })]),
    ['/voucher', page({ path: '/voucher', status: 500, html: BROKEN })],
    ...files.map(([path, type, body]): [string, Answer] => [path, file(path, type, Buffer.from(body))]),
  ];
}

function readPage(path: string): string {
  return readFileSync(new URL(`./pages${path === '/' ? '/index' : path}.html`, import.meta.url), 'utf8');
}

function page(params: { path: string; status: number; html: string }): Answer {
  const { path, status, html } = params;
  const wanted = {
    'content-type': 'text/html; charset=utf-8',
    'content-encoding': 'gzip',
    ...GOOD_HEADERS,
    ...PLANTED_HEADERS[path],
  };
  const headers = Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const body = headers['content-encoding'] === 'gzip' ? gzipSync(html) : Buffer.from(html);
  return { status, headers, body, delayMs: path === SLOW_PAGE ? SLOW_MS : 0 };
}

function file(path: string, type: string, body: Buffer): Answer {
  const caching = path === '/scripts/basket.js' ? {} : { 'cache-control': 'max-age=3600' };
  return { status: 200, headers: { 'content-type': type, ...caching }, body, delayMs: 0 };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const write = (): void => {
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  };
  if (answer.delayMs === 0) write();
  else setTimeout(write, answer.delayMs);
}
