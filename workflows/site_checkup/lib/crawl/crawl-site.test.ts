import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutbound } from '../../../../src/outbound/create-outbound.js';
import { loopbackOutbound } from '../../../../src/testing/loopback-outbound.js';
import { crawlSite } from './crawl-site.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Page = string | { status?: number; headers?: { [name: string]: string }; body?: string };

/** A site of fixed answers; a string is an HTML page's body. Everything else answers 404. */
function servePages(pages: { [path: string]: Page }, asked: string[] = []): Promise<string> {
  return serve((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    const page = pages[path] ?? { status: 404 };
    const { status = 200, headers = {}, body = '' } = typeof page === 'string' ? { body: page } : page;
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
  });
}

function crawl(url: string, params: { maxPages?: number; signal?: AbortSignal } = {}) {
  const signal = params.signal ?? new AbortController().signal;
  const { fetch } = loopbackOutbound;
  return crawlSite({ url, maxPages: params.maxPages ?? 25, fetch, signal, onPage: () => undefined });
}

function links(...paths: string[]): string {
  return paths.map((path) => `<a href="${path}">x</a>`).join('');
}

describe('crawlSite', () => {
  it('reads the pages in the order of their links, whichever answers first', async () => {
    const origin = await serve((request, response) => {
      const path = request.url ?? '/';
      const answer = (): void => {
        response.writeHead(/robots|sitemap/.test(path) ? 404 : 200, { 'content-type': 'text/html' });
        response.end(path === '/' ? links('/a', '/b', '/c') : path === '/a' ? links('/d') : '');
      };
      if (path === '/a') setTimeout(answer, 50);
      else answer();
    });
    const site = await crawl(`${origin}/`);
    expect(site.pages.map(({ url }) => new URL(url).pathname)).toEqual(['/', '/a', '/b', '/c', '/d']);
  });

  it('stops at the number of pages that it may read and says that there are more', async () => {
    const origin = await servePages({ '/': links('/a', '/b', '/c'), '/a': '', '/b': '', '/c': '' });
    const site = await crawl(`${origin}/`, { maxPages: 3 });
    expect(site.pages).toHaveLength(3);
    expect(site.complete).toBe(false);
  });

  it('asks for no more than four pages at a time', async () => {
    let open = 0;
    let most = 0;
    const paths = Array.from({ length: 12 }, (_, index) => `/${index}`);
    const origin = await serve((request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.writeHead(request.url === '/robots.txt' ? 404 : 200, { 'content-type': 'text/html' });
        response.end(request.url === '/' ? links(...paths) : '');
      }, 10);
    });
    await crawl(`${origin}/`);
    expect(most).toBe(4);
  });

  it('takes the site that the first address redirects to as the site', async () => {
    const target = await servePages({ '/home': links('/a'), '/a': '' });
    const asked = await servePages({ '/': { status: 301, headers: { location: `${target}/home` } } });
    const site = await crawl(`${asked}/`);
    expect(site.origin).toBe(target);
    expect(site.pages.map(({ url }) => url)).toEqual([`${target}/home`, `${target}/a`]);
  });

  it('leaves a page alone that redirects to another site', async () => {
    const other = await servePages({ '/': 'other' });
    const origin = await servePages({ '/': links('/out'), '/out': { status: 302, headers: { location: other } } });
    const site = await crawl(`${origin}/`);
    expect(site.pages.map(({ url }) => url)).toEqual([`${origin}/`]);
  });

  it('keeps to what robots.txt says of its name', async () => {
    const asked: string[] = [];
    const robots = 'User-agent: *\nDisallow:\n\nUser-agent: ErrandSiteCheckup\nDisallow: /private\n';
    const pages = { '/': links('/private/a', '/b'), '/b': '', '/private/a': '' };
    const origin = await servePages({ '/robots.txt': { body: robots }, ...pages }, asked);
    const site = await crawl(`${origin}/`);
    expect(site.pages).toHaveLength(2);
    expect(asked).not.toContain('/private/a');
  });

  it('heeds no robots.txt of another site that this one redirects to, and keeps nothing of it', async () => {
    const inside = await servePages({
      '/secret': { headers: { 'content-type': 'text/plain' }, body: 'Disallow: /\n{"key":"s3cret"}' },
    });
    const asked: string[] = [];
    const origin = await servePages(
      {
        '/robots.txt': { status: 302, headers: { location: `${inside}/secret` } },
        '/': links('/a'),
        '/a': '',
      },
      asked,
    );
    const site = await crawl(`${origin}/`);
    expect([site.robots, site.pages.length]).toEqual(['', 2]);
  });

  it('follows a robots.txt that moved within the site', async () => {
    const robots = { body: 'User-agent: *\nDisallow: /a\nsomething else' };
    const moved = { status: 301, headers: { location: '/robots/robots.txt' } };
    const origin = await servePages({ '/robots.txt': moved, '/robots/robots.txt': robots, '/': links('/a'), '/a': '' });
    const site = await crawl(`${origin}/`);
    expect([site.robots, site.pages.length]).toEqual(['User-agent: *\nDisallow: /a', 1]);
  });

  it('reads nothing from inside unless that is allowed', async () => {
    const asked: string[] = [];
    const origin = await servePages({ '/': 'inside' }, asked);
    const outbound = createOutbound({ hosts: 'any', allow: [], proxies: null });
    const { signal } = new AbortController();
    const onPage = (): void => undefined;
    for (const url of [`${origin}/`, 'http://169.254.169.254/', 'http://[::1]:9/', 'http://localhost:9/']) {
      await expect(crawlSite({ url, maxPages: 1, fetch: outbound.fetch, signal, onPage })).rejects.toMatchObject({
        kind: 'forbidden_address',
        retryable: false,
      });
    }
    await outbound.close();
    expect(asked).toEqual([]);
  });

  it('spaces its requests by the crawl delay that robots.txt asks for', async () => {
    const times: number[] = [];
    const origin = await serve((request, response) => {
      times.push(performance.now());
      const robots = request.url === '/robots.txt';
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(robots ? 'User-agent: *\nCrawl-delay: 0.5' : request.url === '/' ? links('/a', '/b') : '');
    });
    await crawl(`${origin}/`);
    // robots.txt and the first page come before the delay is known; between the sitemap and the second link are two delays.
    const [, , sitemap = 0, , second = 0] = times;
    expect(second - sitemap).toBeGreaterThan(550);
  });

  it('marks a page that only the sitemap names as not linked', async () => {
    const pages = { '/': '', '/lost': links('/lost') };
    const asked: string[] = [];
    const origin: string = await serve((request, response) => {
      const path = request.url ?? '/';
      asked.push(path);
      if (path === '/sitemap.xml') {
        response.end(`<urlset><url><loc>${origin}/lost</loc></url><url><loc>http://other.test/</loc></url></urlset>`);
      } else {
        const body = pages[path as keyof typeof pages];
        response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(body);
      }
    });
    const site = await crawl(`${origin}/`);
    expect(site.pages.map(({ url, linked }) => [new URL(url).pathname, linked])).toEqual([
      ['/', true],
      ['/lost', false],
    ]);
  });

  it('does not keep what cookies hold, nor the text of scripts and styles', async () => {
    const body = '<script>let s = "in-script"</script><style>.in-style {}</style><!-- in-comment --><p>kept</p>';
    const origin = await servePages({ '/': { headers: { 'set-cookie': 'session=s3cret; Path=/' }, body } });
    const site = await crawl(`${origin}/`);
    expect(site.pages[0]?.cookies).toEqual(['session=; Path=/']);
    expect(JSON.stringify(site)).not.toContain('s3cret');
  });

  it('stays under a megabyte on a site of heavy pages', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `<p>${(index * 2_654_435_761) % 4_294_967_296}</p>`).join(
      '',
    );
    const paths = Array.from({ length: 24 }, (_, index) => `/${index}`);
    const pages = Object.fromEntries(paths.map((path) => [path, `${path}${text}`]));
    const origin = await servePages({ '/': links(...paths), ...pages });
    const site = await crawl(`${origin}/`);
    expect(site.pages.filter(({ status }) => status === 200)).toHaveLength(25);
    expect(JSON.stringify(site).length).toBeLessThan(1_000_000);
  });

  it.each([
    ['answers 404', { '/': { status: 404 } }, /\/ answers 404, so there is nothing to examine/, 'http_4xx', false],
    ['answers 503', { '/': { status: 503 } }, /\/ answers 503, so there is nothing to examine/, 'http_5xx', true],
    [
      'is no page',
      { '/': { headers: { 'content-type': 'image/png' } } },
      /is no HTML page \(image\/png\)/,
      'no_html',
      false,
    ],
    ['is disallowed', { '/robots.txt': 'User-agent: *\nDisallow: /' }, /robots.txt does not allow/, 'robots', false],
    ['has a broken robots.txt', { '/robots.txt': { status: 500 } }, /robots.txt answers 500/, 'http_5xx', true],
  ] as const)('fails clearly when the first page %s', async (_, pages, message, kind, retryable) => {
    const origin = await servePages(pages);
    const failure = await crawl(`${origin}/`).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind, retryable, message: expect.stringMatching(message) as string });
  });

  it('fails clearly, worth another attempt, when nobody listens', async () => {
    const origin = await servePages({});
    for (const server of servers.splice(0)) server.close();
    await expect(crawl(`${origin}/`)).rejects.toMatchObject({
      kind: 'network',
      retryable: true,
      message: expect.stringContaining(`${origin} cannot be reached: ECONNREFUSED`) as string,
    });
  });

  it('stops at once when it is given up while a page is on its way', async () => {
    const controller = new AbortController();
    const origin = await serve((request, response) => {
      if (request.url === '/slow') controller.abort(new Error('given up'));
      else response.writeHead(200, { 'content-type': 'text/html' }).end(request.url === '/' ? links('/slow') : '');
    });
    await expect(crawl(`${origin}/`, { signal: controller.signal })).rejects.toThrow('given up');
  });
});
