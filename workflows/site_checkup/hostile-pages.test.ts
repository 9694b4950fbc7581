import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { threadTime } from '../../test/support/thread-time.mjs';
import { createNodeContext } from '../../src/testing/node-context.js';
import { readShopSite, type ShopSite } from '../visibility/lib/site/shop-site.js';
import crawl from './agents/crawl.js';
import linkChecker from './agents/link-checker.js';
import performanceInspector from './agents/performance-inspector.js';
import securityInspector from './agents/security-inspector.js';
import seoInspector from './agents/seo-inspector.js';
import type { Report } from './lib/report.js';
import type { Site } from './lib/site.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(page: string, robots = ''): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/robots.txt') response.setHeader('content-type', 'text/plain').end(robots);
    else if (request.url === '/') response.setHeader('content-type', 'text/html').end(page);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const readThreadMs = threadTime() ?? (() => performance.now());

/** What a computation comes to, and how long it computed at most between two turns of the event loop, in milliseconds. */
async function watch<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly longestMs: number }> {
  let longestMs = 0;
  let last = readThreadMs();
  const endTurn = (): void => {
    const now = readThreadMs();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  };
  const timer = setInterval(endTurn, 5);
  try {
    return { result: await work(), longestMs };
  } finally {
    clearInterval(timer);
    endTurn();
  }
}

async function checkUp(url: string): Promise<{ readonly site: Site; readonly reports: readonly Report[] }> {
  const site = await crawl(createNodeContext({ input: { url, max_pages: 1 } }).context);
  const context = createNodeContext({ input: { site, check_external: false }, role: 'a' }).context;
  const reports: Report[] = [];
  for (const agent of [linkChecker, performanceInspector, securityInspector, seoInspector]) {
    reports.push(await agent(context));
  }
  return { site, reports };
}

function readShop(url: string): Promise<ShopSite> {
  const { fetch, signal } = createNodeContext({}).context;
  return readShopSite({ url, maxPages: 1, fetch, signal, onPage: () => undefined });
}

/** Far more than any turn takes here, and far less than what these pages once took. */
const MAX_TURN_MS = 700;

const RULES = `User-agent: *\n${Array.from({ length: 2_500 }, (_, index) => `Disallow: /a*b${index}`).join('\n')}`;
const STARS = `User-agent: *\n${`Disallow: /${'*a'.repeat(200)}b\n`.repeat(100)}`;
const LINKS = Array.from({ length: 17_000 }, (_, index) => `<a href="/p${index}">x</a>`).join('\n');
const LONG_LINKS = Array.from({ length: 300 }, (_, index) => `<a href="/${'a'.repeat(1_900)}${index}">x</a>`).join('');

const PAGES: readonly (readonly [name: string, page: string, robots?: string])[] = [
  ['elements in elements', '<div>'.repeat(25_000)],
  ['elements in elements, two megabytes of them', '<div>'.repeat(400_000)],
  ['elements that look closed', '<div/>'.repeat(100_000)],
  ['elements in elements of another language', `<svg>${'<g><p/>'.repeat(20_000)}`],
  ['lists in lists', '<ul><li>'.repeat(20_000)],
  ['tables in tables', '<table><tr><td>'.repeat(10_000)],
  ['formatting that is never closed', '<p><b><i><u>'.repeat(20_000)],
  ['formatting that is closed in the wrong order', '<b><i><p></b></i>'.repeat(10_000)],
  ['text in a table', `<table>${'<tr>x'.repeat(30_000)}`],
  ['comments that are none', `<xmp>${'<!--'.repeat(100_000)}</xmp>`],
  ['comments that do not end', '<!--'.repeat(400_000)],
  ['links and rules', LINKS, RULES],
  ['rules full of stars', LONG_LINKS, STARS],
  ['breaks', '<br>'.repeat(500_000)],
  ['headings in headings', `<h1><div>${'<h2><div>x'.repeat(20_000)}`],
  ['quotes that do not end', `<div a='`.repeat(50_000)],
  ['attributes', `<p ${Array.from({ length: 100_000 }, (_, index) => `a${index}`).join(' ')}>`],
  ['digits and blanks', `<p>${'1 ( '.repeat(400_000)}</p>`],
  ['a title', `<title>${'x &amp; '.repeat(200_000)}</title>`],
];

describe('a page that was written to be hard to read', { timeout: 120_000 }, () => {
  it.each(PAGES)('of %s holds nobody up, and ends in a report or a clear failure', async (_, page, robots) => {
    const url = await serve(`<html><head><title>t</title></head><body>${page}`, robots);
    for (const work of [checkUp, readShop]) {
      const { result, longestMs } = await watch(async () => work(url).catch((error: unknown) => error));
      expect(longestMs).toBeLessThan(MAX_TURN_MS);
      const failed = result instanceof Error;
      expect(failed ? result : { kind: 'unreadable_page', retryable: false }).toMatchObject({
        kind: 'unreadable_page',
        retryable: false,
      });
    }
  });

  it('and nests too deep is examined at its beginning, and said to be', async () => {
    const url = await serve(`<title>Deep</title><h1>Deep</h1>${'<div>'.repeat(5_000)}`);
    const { site, reports } = await checkUp(url);
    expect(site.pages).toMatchObject([{ status: 200, title: 'Deep', read: 'in part' }]);
    expect(reports.flatMap(({ faults }) => faults.map(({ rule }) => rule))).toContain('page-too-complex');
  });
});
