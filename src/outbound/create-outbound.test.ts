import type { LookupAddress } from 'node:dns';
import { EventEmitter, once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, setUp } from '../../test/support/http/local-servers-under-test.js';
import { BrokenBody, ForbiddenAddress, type OutboundInit } from '../core/ports/outbound.js';
import { createOutbound, type OpenOutbound, type OutboundOptions } from './create-outbound.js';
import type { Lookup } from './guard.js';
import { readHostRules } from './host-rules.js';

setUp();

const opened: OpenOutbound[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((outbound) => outbound.close()));
});

async function listenToBodies(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<number> {
  return listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks).toString(), response));
  });
}

const HERE = { address: '127.0.0.1', family: 4 };
const METADATA = { address: '169.254.169.254', family: 4 };
const INSIDE = { address: '10.1.2.3', family: 4 };

const finding =
  (find: (hostname: string) => LookupAddress[]): Lookup =>
  (hostname, _, done) =>
    setImmediate(() => done(null, find(hostname)));

/** Finds every name here, except for `metadata.test` and `inside.test`. */
function open(options: Partial<OutboundOptions> & { readonly allowed?: string } = {}): OpenOutbound {
  const { allowed = '', ...rest } = options;
  const lookup = finding((host) => [host === 'metadata.test' ? METADATA : host === 'inside.test' ? INSIDE : HERE]);
  const outbound = createOutbound({
    hosts: 'any',
    allow: readHostRules(allowed).rules,
    proxies: null,
    lookup,
    ...rest,
  });
  opened.push(outbound);
  return outbound;
}

async function textOf(outbound: OpenOutbound, url: string, init?: OutboundInit): Promise<string> {
  return (await outbound.fetch(url, init)).text();
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );
}

describe('a request goes out', () => {
  it('as fetch sends it, and its answer is as fetch gives it', async () => {
    const seen: { method: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
    const port = await listenToBodies(({ method, headers }, body, response) => {
      seen.push({ method, headers, body });
      response.writeHead(201, 'Made', { 'x-name': 'caf\u00E9', 'set-cookie': ['a=1', 'b=2'] }).end('{"ok":true}');
    });
    const url = `http://127.0.0.1:${port}/path?q=1`;
    const response = await open().fetch(`${url}#part`, { method: 'post', headers: { 'X-Key': 'k' }, body: 'hello' });
    expect(response).toMatchObject({ status: 201, statusText: 'Made', ok: true, url, redirected: false });
    expect(response.headers.get('x-name')).toBe('caf\u00E9');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ ok: true });
    expect(seen).toMatchObject([
      { method: 'POST', body: 'hello', headers: { 'x-key': 'k', 'user-agent': 'errand', 'content-length': '5' } },
    ]);
  });

  it('with forms and bytes as bodies', async () => {
    const port = await listenToBodies(({ headers }, body, response) => {
      response.end(`${headers['content-type']} ${body}`);
    });
    const outbound = open();
    const url = `http://127.0.0.1:${port}/`;
    expect(await textOf(outbound, url, { method: 'POST', body: new URLSearchParams({ a: '1' }) })).toBe(
      'application/x-www-form-urlencoded;charset=UTF-8 a=1',
    );
    expect(await textOf(outbound, url, { method: 'PUT', body: new Uint8Array([104, 105]) })).toBe('undefined hi');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
    ['identity', (text: string) => Buffer.from(text)],
  ] as const)('and its answer is unpacked from %s', async (encoding, encode) => {
    const port = await listen((_, response) => {
      response.setHeader('content-encoding', encoding).end(encode('picture'));
    });
    expect(await textOf(open(), `http://127.0.0.1:${port}/`)).toBe('picture');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('and an answer in %s that was cut is broken', async (encoding, encode) => {
    const whole = encode(Buffer.from('picture '.repeat(1_000)));
    const port = await listen((_, response) => {
      response.setHeader('content-encoding', encoding).end(whole.subarray(0, whole.length - 4));
    });
    const failure = await failureOf(textOf(open(), `http://127.0.0.1:${port}/`));
    expect(failure).toBeInstanceOf(BrokenBody);
  });

  it('and answers without a body, and of statuses that no standard knows, are taken', async () => {
    const port = await listen((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(status === 999 ? gzipSync('no') : undefined);
    });
    const outbound = open();
    expect(await textOf(outbound, `http://127.0.0.1:${port}/201`)).toBe('');
    for (const status of [204, 304]) {
      const response = await outbound.fetch(`http://127.0.0.1:${port}/${status}`);
      expect(response).toMatchObject({ status, body: null });
    }
    const head = await outbound.fetch(`http://127.0.0.1:${port}/200`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const odd = await outbound.fetch(`http://127.0.0.1:${port}/999`);
    expect([odd.status, odd.ok, await odd.text()]).toEqual([999, false, 'no']);
  });

  it('until it is aborted, before the answer and in the middle of it', async () => {
    const arrivals = new EventEmitter();
    const port = await listen((request, response) => {
      if (request.url === '/part') response.write('some');
      arrivals.emit('request', request);
    });
    for (const path of ['/none', '/part']) {
      const controller = new AbortController();
      const work = textOf(open(), `http://127.0.0.1:${port}${path}`, { signal: controller.signal });
      const [request] = (await once(arrivals, 'request')) as [unknown];
      expect(request).toBeDefined();
      controller.abort(new Error('cancelled'));
      expect(await failureOf(work)).toEqual(new Error('cancelled'));
    }
  });
});

describe('a redirect', () => {
  const echo = ({ headers, method, url }: IncomingMessage, body: string, response: ServerResponse): void => {
    response.end(JSON.stringify({ headers, method, url, body }));
  };
  const SECRETS = { authorization: 'Bearer s', cookie: 'a=1', 'x-api-key': 'k', 'idempotency-key': 'i', accept: 'a/b' };

  it('to another origin drops every header that was given', async () => {
    const other = await listenToBodies(echo);
    const port = await listen((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${other}/there` }).end();
    });
    const init = { method: 'POST', body: '{}', headers: { ...SECRETS, 'content-type': 'application/json' } };
    const response = await open().fetch(`http://127.0.0.1:${port}/`, init);
    expect(response).toMatchObject({ redirected: true, url: `http://127.0.0.1:${other}/there` });
    const { headers, ...rest } = (await response.json()) as { headers: IncomingHttpHeaders };
    expect(rest).toEqual({ method: 'POST', url: '/there', body: '{}' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: '*/*' });
    for (const name of ['authorization', 'cookie', 'x-api-key', 'idempotency-key'])
      expect(headers).not.toHaveProperty(name);
  });

  it('that comes back to the first origin does not bring them again', async () => {
    const back = await listen((request, response) => {
      response.writeHead(302, { location: `http://localhost:${first}/end` }).end(request.url);
    });
    const first: number = await listenToBodies((request, body, response) => {
      if (request.url === '/end') echo(request, body, response);
      else response.writeHead(302, { location: `http://localhost:${back}/` }).end();
    });
    const answer = await textOf(open(), `http://localhost:${first}/`, { headers: SECRETS });
    expect((JSON.parse(answer) as { headers: object }).headers).not.toHaveProperty('x-api-key');
  });

  it('within the origin keeps them', async () => {
    const port = await listenToBodies((request, body, response) => {
      if (request.url === '/new') echo(request, body, response);
      else response.writeHead(308, { location: '/new' }).end();
    });
    const answer = await textOf(open(), `http://127.0.0.1:${port}/`, { headers: SECRETS });
    expect((JSON.parse(answer) as { headers: object }).headers).toMatchObject(SECRETS);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [302, 'PUT', 'PUT', 'x'],
    [307, 'POST', 'POST', 'x'],
    [308, 'DELETE', 'DELETE', 'x'],
  ])('%i of a %s becomes a %s', async (status, method, then, sent) => {
    const port = await listenToBodies((request, body, response) => {
      if (request.url === '/new') echo(request, body, response);
      else response.writeHead(status, { location: '/new' }).end();
    });
    const answer = await textOf(open(), `http://127.0.0.1:${port}/`, { method, body: 'x' });
    expect(JSON.parse(answer)).toMatchObject({ method: then, body: sent });
  });

  it('is given as it is, or refused, to whom asks for that', async () => {
    const port = await listen((_, response) => void response.writeHead(302, { location: '/new' }).end('moved'));
    const url = `http://127.0.0.1:${port}/`;
    const manual = await open().fetch(url, { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location'), await manual.text()]).toEqual([302, '/new', 'moved']);
    expect((await failureOf(open().fetch(url, { redirect: 'error' }))).message).toContain('redirects');
  });

  it('without end, or to what is no web address, is not followed', async () => {
    let asked = 0;
    const port = await listen((request, response) => {
      asked += 1;
      response.writeHead(302, { location: request.url === '/file' ? 'file:///etc/passwd' : '/' }).end();
    });
    expect((await failureOf(open().fetch(`http://127.0.0.1:${port}/`))).message).toContain('more than 20 times');
    expect(asked).toBe(21);
    expect((await failureOf(open().fetch(`http://127.0.0.1:${port}/file`))).message).toContain('not file:');
  });
});

describe('no request goes', () => {
  it('to link-local addresses and those of metadata services, whatever they are called', async () => {
    const outbound = open();
    for (const host of [
      '169.254.169.254',
      '2852039166',
      '0xa9fea9fe',
      '[fe80::1]',
      '[fd00:ec2::254]',
      '[::ffff:a9fe:a9fe]',
    ]) {
      const failure = await failureOf(outbound.fetch(`http://${host}/latest/meta-data/`));
      expect(failure).toBeInstanceOf(ForbiddenAddress);
      expect(failure).toMatchObject({ kind: 'forbidden_address', retryable: false });
    }
    for (const host of ['metadata.google.internal', 'METADATA.google.internal.', 'metadata.test']) {
      expect(await failureOf(outbound.fetch(`http://${host}/`))).toBeInstanceOf(ForbiddenAddress);
    }
  });

  it('inside, when only public hosts may be asked', async () => {
    const port = await listen((_, response) => void response.end('inside'));
    for (const [outbound, init] of [
      [open({ hosts: 'public' }), { hosts: 'any' }],
      [open(), { hosts: 'public' }],
    ] as const) {
      for (const host of ['127.0.0.1', '[::1]', 'localhost', 'inside.test']) {
        const failure = await failureOf(outbound.fetch(`http://${host}:${port}/`, init));
        expect(failure).toBeInstanceOf(ForbiddenAddress);
        expect(failure.message).toContain('ERRAND_OUTBOUND_ALLOW');
        // Names of the inside are nobody's business.
        expect(failure.message).not.toContain(INSIDE.address);
      }
    }
  });

  it('by a redirect to where it could not have gone itself', async () => {
    for (const host of ['169.254.169.254', 'metadata.test', '[fd00:ec2::254]']) {
      const port = await listen((_, response) => void response.writeHead(302, { location: `http://${host}/` }).end());
      expect(await failureOf(open().fetch(`http://127.0.0.1:${port}/`))).toBeInstanceOf(ForbiddenAddress);
    }
  });

  it('to a name one of whose addresses is not allowed', async () => {
    const lookup = finding(() => [HERE, METADATA]);
    expect(await failureOf(open({ lookup }).fetch('http://both.test/'))).toBeInstanceOf(ForbiddenAddress);
  });

  it('where a name leads the second time that it is looked up', async () => {
    const addresses = [HERE, METADATA];
    const lookup = finding(() => addresses.splice(0, 1));
    const port = await listen((request, response) => {
      response.writeHead(302, { location: '/second', connection: 'close' }).end(request.url);
    });
    const failure = await failureOf(open({ lookup }).fetch(`http://rebinding.test:${port}/`));
    // What was checked is what was connected to: each connection looks up once.
    expect([failure.name, addresses]).toEqual(['ForbiddenAddress', []]);
  });

  it('over a connection that was checked less strictly', async () => {
    const port = await listen((_, response) => void response.end('inside'));
    const outbound = open();
    expect(await textOf(outbound, `http://127.0.0.1:${port}/`)).toBe('inside');
    expect(await failureOf(outbound.fetch(`http://127.0.0.1:${port}/`, { hosts: 'public' }))).toBeInstanceOf(
      ForbiddenAddress,
    );
    expect(await textOf(outbound, `http://name.test:${port}/`)).toBe('inside');
    expect(await failureOf(outbound.fetch(`http://name.test:${port}/`, { hosts: 'public' }))).toBeInstanceOf(
      ForbiddenAddress,
    );
  });
});

describe('the list of exceptions', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.0.0/8, 10.0.0.0/8', true],
    ['127.0.0.1:PORT', true],
    ['127.0.0.1:1', false],
    ['10.0.0.0/8', false],
    ['name.test', true],
    ['name.test:PORT', true],
    ['*.test', true],
    ['.test', true],
    ['other.test', false],
    ['*.name.test', false],
    ['*', true],
  ])('%s lets name.test, which is here, be asked: %s', async (allowed, isAllowed) => {
    const port = await listen((_, response) => void response.end('inside'));
    const outbound = open({ hosts: 'public', allowed: allowed.replace('PORT', String(port)) });
    const work = textOf(outbound, `http://name.test:${port}/`);
    const outcome = await work.catch((error: Error) => error.name);
    expect(outcome).toBe(isAllowed ? 'inside' : 'ForbiddenAddress');
  });

  it('tells what it cannot read', () => {
    expect(
      readHostRules('a.test, [::1]:80, ::1, fd00::/8 b:http 10.0.0.0/33 1.2.3 x/y 127.0.0.1:99999').unread,
    ).toEqual(['b:http', '10.0.0.0/33', '1.2.3', 'x/y', '127.0.0.1:99999']);
  });
});
