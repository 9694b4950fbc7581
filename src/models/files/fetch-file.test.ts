import type { RequestListener } from 'node:http';
import type { LookupAddress } from 'node:dns';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { listen, setUp } from '../../../test/support/http/local-servers-under-test.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { createOutbound } from '../../outbound/create-outbound.js';
import type { Lookup } from '../../outbound/guard.js';
import { readHostRules } from '../../outbound/host-rules.js';
import { createFileFetcher, type FetchFileOptions, UnfitFile } from './fetch-file.js';

setUp();

// A server on 127.0.0.1 stands for a public address here.
const OUTSIDE = { address: '127.0.0.1', family: 4 };
const INSIDE = { address: '10.1.2.3', family: 4 };

const finding =
  (find: (hostname: string) => LookupAddress[]): Lookup =>
  (hostname, _, done) =>
    setImmediate(() => done(null, find(hostname)));

const find = finding((hostname) => [hostname === 'outside.test' ? OUTSIDE : INSIDE]);

/** Allows 127.0.0.1 and nothing else, and finds `outside.test` there. */
function fetchFrom(
  url: string,
  { lookup = find, ...options }: Partial<FetchFileOptions> & { readonly lookup?: Lookup } = {},
  signal = new AbortController().signal,
) {
  const allow = readHostRules(OUTSIDE.address).rules;
  const { fetch } = createOutbound({ hosts: 'any', allow, proxies: null, lookup });
  return createFileFetcher({ fetch, hosts: 'public', clock: nodeClock, ...options })(new URL(url), signal);
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );
}

describe('a file is fetched', () => {
  it('from an address that is allowed, and by a name that leads to one', async () => {
    const hosts: unknown[] = [];
    const port = await listen((request, response) => {
      hosts.push(request.headers.host);
      response.end('picture');
    });
    expect((await fetchFrom(`http://127.0.0.1:${port}/`)).toString()).toBe('picture');
    expect((await fetchFrom(`http://outside.test:${port}/`)).toString()).toBe('picture');
    expect(hosts).toEqual([`127.0.0.1:${port}`, `outside.test:${port}`]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const)('as it was before %s', async (encoding, encode) => {
    const port = await listen((_, response) => {
      response.setHeader('content-encoding', encoding).end(encode(Buffer.from('picture')));
    });
    expect((await fetchFrom(`http://outside.test:${port}/`)).toString()).toBe('picture');
  });

  it('over redirects', async () => {
    const port = await listen((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
      else response.end(request.url);
    });
    expect((await fetchFrom(`http://outside.test:${port}/old`)).toString()).toBe('/new');
  });
});

describe('a file is not fetched', () => {
  it('from an address that is not allowed, however it is written', async () => {
    for (const host of ['10.1.2.3', '0xa010203', '[::1]', '[::ffff:10.1.2.3]']) {
      const failure = await failureOf(fetchFrom(`http://${host}:9/`));
      expect(failure).toBeInstanceOf(UnfitFile);
      expect(failure.message).toMatch(/^\S+ is an internal address.*ERRAND_MODEL_FILES=any$/);
    }
  });

  it('by a name that leads to such an address, among others or alone', async () => {
    const port = await listen((_, response) => void response.end('inside'));
    for (const found of [[INSIDE], [OUTSIDE, INSIDE]]) {
      const failure = await failureOf(fetchFrom(`http://inside.test:${port}/`, { lookup: finding(() => found) }));
      expect(failure).toBeInstanceOf(UnfitFile);
      expect(failure.message).toMatch(/^inside\.test leads to an internal address.*ERRAND_MODEL_FILES=any$/);
      expect(failure.message).not.toContain(INSIDE.address);
    }
  });

  it('from where a redirect leads inside', async () => {
    for (const host of ['10.1.2.3', 'inside.test']) {
      const port = await listen((_, response) => {
        response.writeHead(307, { location: `http://${host}/latest/meta-data/` }).end();
      });
      expect(await failureOf(fetchFrom(`http://outside.test:${port}/`))).toMatchObject({
        name: 'UnfitFile',
        message: expect.stringMatching(new RegExp(`^${host} \\S+( to)? an internal address`)),
      });
    }
  });

  it('from where a name leads the second time that it is looked up', async () => {
    const addresses = [OUTSIDE, INSIDE];
    const seen: unknown[] = [];
    const port = await listen((request, response) => {
      seen.push(request.url);
      response.writeHead(302, { location: '/second' }).end();
    });
    const lookup = finding(() => addresses.splice(0, 1));
    const failure = await failureOf(fetchFrom(`http://rebinding.test:${port}/first`, { lookup }));
    expect(failure.message).toMatch(/^rebinding\.test leads to an internal address/);
    // What was checked is what was connected to: each connection looks up once.
    expect([seen, addresses]).toEqual([['/first'], []]);
  });

  it.each(['file:///etc/passwd', 'ftp://outside.test/', 'blob:nodedata:1'])(
    'over anything but HTTP: %s',
    async (url) => {
      expect(await failureOf(fetchFrom(url))).toMatchObject({
        name: 'UnfitFile',
        message: expect.stringMatching(/^only http: and https: are fetched, not /),
      });
    },
  );

  it('from where a redirect leaves HTTP', async () => {
    const port = await listen((_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    expect((await failureOf(fetchFrom(`http://outside.test:${port}/`))).message).toContain('not file:');
  });

  it('over redirects without end', async () => {
    let asked = 0;
    const port = await listen((_, response) => {
      asked += 1;
      response.writeHead(302, { location: `/${asked}` }).end();
    });
    expect(await failureOf(fetchFrom(`http://outside.test:${port}/`))).toMatchObject({
      name: 'UnfitFile',
      message: 'it redirects more than 5 times',
    });
    expect(asked).toBe(6);
  });

  it('when it is too long, as announced, as it comes, and as it is once unpacked', async () => {
    const long = Buffer.alloc(21 * 1_024 * 1_024);
    const answers: readonly RequestListener[] = [
      (_, response) => response.writeHead(200, { 'content-length': long.byteLength }).flushHeaders(),
      (_, response) => void response.on('error', () => undefined).write(long),
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long)),
    ];
    for (const answer of answers) {
      const port = await listen(answer);
      expect(await failureOf(fetchFrom(`http://outside.test:${port}/`))).toMatchObject({
        name: 'UnfitFile',
        message: 'it has more than 20 MiB',
      });
    }
  });

  it('when it takes too long', async () => {
    const clock = new ManualClock();
    let asked: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const port = await listen((_, response) => {
      response.write('some');
      asked();
    });
    const failure = failureOf(fetchFrom(`http://outside.test:${port}/`, { clock }));
    await arrived;
    await clock.advance(60_000);
    expect(await failure).toEqual(new Error('it took longer than 60 seconds'));
  });

  it('any more once it is aborted', async () => {
    const controller = new AbortController();
    let hungUp: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const port = await listen((_, response) => {
      response.on('close', () => hungUp());
      response.write('some');
      controller.abort(new Error('cancelled'));
    });
    const failure = await failureOf(fetchFrom(`http://outside.test:${port}/`, {}, controller.signal));
    expect(failure).toEqual(new Error('cancelled'));
    await ended;
  });

  it('whether the file or its server is to blame', async () => {
    const gone = await listen((_, response) => void response.writeHead(410).end());
    const broken = await listen((_, response) => void response.writeHead(503).end());
    const cut = await listen((_, response) => {
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
    });
    expect(await failureOf(fetchFrom(`http://outside.test:${gone}/`))).toBeInstanceOf(UnfitFile);
    for (const port of [broken, cut]) {
      expect(await failureOf(fetchFrom(`http://outside.test:${port}/`))).not.toBeInstanceOf(UnfitFile);
    }
  });
});
