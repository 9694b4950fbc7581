import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { createOutbound } from '../../outbound/create-outbound.js';
import { createNodeContext } from '../../testing/node-context.js';
import { compileSchema } from '../../workflow/schema/schema.js';
import { httpKind } from './http.js';
import { parseRetryAfter } from '../../core/time/retry-after.js';

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let origin: string;
let received: Received[];
let answer: (request: Received, response: ServerResponse) => void;

beforeEach(async () => {
  received = [];
  answer = (_, response) => void response.end('ok');
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const whole = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(whole);
      answer(whole, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

async function call(settings: Json, signal?: AbortSignal): Promise<unknown> {
  return httpKind.execute(createNodeContext({ input: settings, ...(signal === undefined ? {} : { signal }) }).context);
}

async function failureOf(settings: Json): Promise<NodeFailure> {
  const thrown: unknown = await call(settings).then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof NodeFailure) return thrown;
  throw new Error('it did not fail as a node', { cause: thrown });
}

function json(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

describe('an http node', () => {
  it('gives status, headers and the body parsed as its type says', async () => {
    answer = (_, response) => {
      response.setHeader('x-a', ['1', '2']);
      json(response, 200, { hello: ['world'] });
    };
    const output = await call({
      url: `${origin}/x?a=1`,
      query: { q: 'a b', list: [1, 2], none: null },
      headers: { 'x-k': 5, 'x-n': null },
    });
    expect(output).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-a': '1, 2' },
      body: { hello: ['world'] },
    });
    expect(received[0]).toMatchObject({ method: 'GET', url: '/x?a=1&q=a+b&list=1&list=2', body: '' });
    expect(received[0]?.headers).toMatchObject({ 'x-k': '5' });
    expect(received[0]?.headers).not.toHaveProperty('idempotency-key');
    expect(received[0]?.headers).not.toHaveProperty('x-n');
  });

  it('gives text for other types, in the charset that the server names, and null for nothing', async () => {
    answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' }).end(Buffer.from([0xe9]));
    expect(await call({ url: origin })).toMatchObject({ body: 'é' });
    answer = (_, response) => void response.writeHead(204).end();
    expect(await call({ url: origin })).toMatchObject({ status: 204, body: null });
    expect(await call({ url: origin, response: 'json' })).toMatchObject({ status: 204, body: null });
    answer = (_, response) => json(response, 200, { a: 1 });
    expect(await call({ url: origin, response: 'text' })).toMatchObject({ body: '{"a":1}' });
    answer = (_, response) => void response.end('[1]');
    expect(await call({ url: origin, response: 'json' })).toMatchObject({ body: [1] });
  });

  it('gives headers whose names objects have for other things', async () => {
    answer = (_, response) => {
      response.setHeader('constructor', 'c');
      response.setHeader('__proto__', 'p');
      response.end();
    };
    const { headers } = (await call({ url: origin })) as { headers: object };
    expect(Object.entries(headers)).toEqual(
      expect.arrayContaining([
        ['constructor', 'c'],
        ['__proto__', 'p'],
      ]),
    );
  });

  it('sends JSON and text, with the idempotency key unless one is given', async () => {
    await call({ url: origin, method: 'POST', body: { a: [1] } });
    expect(received[0]).toMatchObject({ method: 'POST', body: '{"a":[1]}' });
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'run-1:node-1',
    });
    await call({
      url: origin,
      method: 'PUT',
      body: 'a=1',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Idempotency-Key': 'mine' },
    });
    expect(received[1]).toMatchObject({ method: 'PUT', body: 'a=1' });
    expect(received[1]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'idempotency-key': 'mine',
    });
  });

  it.each([
    [400, 'http_4xx', false],
    [404, 'http_4xx', false],
    [408, 'http_4xx', true],
    [425, 'http_4xx', true],
    [429, 'http_429', true],
    [500, 'http_5xx', true],
    [503, 'http_5xx', true],
  ])('fails on status %i with kind %s, to be tried again: %s', async (status, kind, retryable) => {
    answer = (_, response) => json(response, status, {});
    const failure = await failureOf({ url: `${origin}/p?key=secret` });
    expect(failure).toMatchObject({ kind, retryable, retryAfterMs: null });
    expect(failure.message).toMatch(new RegExp(`^GET ${origin}/p answered ${status} `));
  });

  it('honours Retry-After in seconds and as a date', async () => {
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '7' }).end();
    expect((await failureOf({ url: origin })).retryAfterMs).toBe(7_000);
    const at = new Date(Date.now() + 60_000).toUTCString();
    answer = (_, response) => void response.writeHead(503, { 'retry-after': at }).end();
    const { retryAfterMs } = await failureOf({ url: origin });
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('takes the statuses that are expected, and no others', async () => {
    answer = (_, response) => json(response, 404, { gone: true });
    expect(await call({ url: origin, expect_status: [200, '400-404'] })).toMatchObject({
      status: 404,
      body: { gone: true },
    });
    expect(await call({ url: origin, expect_status: 404 })).toMatchObject({ status: 404 });
    answer = (_, response) => json(response, 200, {});
    expect(await failureOf({ url: origin, expect_status: 201 })).toMatchObject({ kind: 'http_2xx', retryable: false });
  });

  it('follows redirects unless told not to', async () => {
    answer = ({ url }, response) =>
      url === '/a' ? void response.writeHead(302, { location: '/b' }).end() : json(response, 200, { at: url });
    expect(await call({ url: `${origin}/a` })).toMatchObject({ body: { at: '/b' } });
    expect(await failureOf({ url: `${origin}/a`, follow_redirects: false })).toMatchObject({ kind: 'http_3xx' });
    expect(await call({ url: `${origin}/a`, follow_redirects: false, expect_status: '300-399' })).toMatchObject({
      status: 302,
      headers: { location: '/b' },
    });
  });

  it('sends no header of its own along to another origin', async () => {
    const other = createServer((request, response) => json(response, 200, Object.keys(request.headers)));
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    answer = (_, response) => void response.writeHead(302, { location: there }).end();
    const output = (await call({
      url: origin,
      method: 'POST',
      body: {},
      headers: { 'x-api-key': 'k', authorization: 'a', 'x-mine': 'm' },
    })) as { body: string[] };
    expect(output.body.toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    await new Promise((resolve) => void other.close(resolve));
  });

  it('goes to public hosts only when it is told so, and to metadata services never', async () => {
    const outbound = createOutbound({ hosts: 'any', allow: [], proxies: null });
    const failureAt = (input: Json): Promise<unknown> =>
      httpKind.execute(createNodeContext({ input, fetch: outbound.fetch }).context).catch((thrown: unknown) => thrown);
    const forbidden = { kind: 'forbidden_address', retryable: false };
    expect(await failureAt({ url: `${origin}/x?q=1`, hosts: 'public' })).toMatchObject({
      ...forbidden,
      message: `GET ${origin}/x: 127.0.0.1 is an internal address: this request may go to public ones only, unless ERRAND_OUTBOUND_ALLOW names the host`,
    });
    expect(await failureAt({ url: 'http://169.254.169.254/latest/meta-data/' })).toMatchObject(forbidden);
    expect(await failureAt({ url: origin, hosts: 'any' })).toMatchObject({ status: 200 });
    await outbound.close();
    expect(received).toHaveLength(1);
  });

  it('fails on a compressed body that was cut, to be tried again', async () => {
    const whole = gzipSync(JSON.stringify({ a: 'b'.repeat(5_000) }));
    answer = (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(whole.subarray(0, -8));
    expect(await failureOf({ url: origin })).toMatchObject({ kind: 'invalid_response', retryable: true });
  });

  it('stops reading at max_bytes, also when the server goes on for ever', async () => {
    answer = (_, response) => {
      const push = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', push);
      push();
    };
    const failure = await failureOf({ url: origin, max_bytes: 1_000 });
    expect(failure).toMatchObject({ kind: 'response_too_large', retryable: false });
    expect((await failureOf({ url: origin })).message).toContain('1048576 bytes');
  });

  it('gives long texts as they are, and none that is longer than an output may be', async () => {
    const max_bytes = 30_000_000;
    const text = 'x漢\u{1F600}'.repeat(1_000_000);
    answer = (_, response) => void response.end(text);
    expect(((await call({ url: origin, max_bytes })) as { body: string }).body === text).toBe(true);
    answer = (_, response) => void response.setHeader('content-type', 'application/json').end(JSON.stringify([text]));
    expect(((await call({ url: origin, max_bytes })) as { body: [string] }).body[0] === text).toBe(true);
    answer = (_, response) => void response.end(text.repeat(2) + text);
    expect(await failureOf({ url: origin, max_bytes })).toMatchObject({ kind: 'output_too_large', retryable: false });
  });

  it.each([
    ['9007199254740993', /The number 9007199254740993 at \/order cannot be kept exactly/],
    ['1e400', /The number 1e400 at \/order cannot be kept exactly/],
    [`${'['.repeat(1_100)}${']'.repeat(1_100)}`, /nested more than 1000 levels deep/],
  ])('refuses JSON that it would have to change: %s', async (order, message) => {
    answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"order":${order}}`);
    const failure = await failureOf({ url: origin });
    expect(failure).toMatchObject({ kind: 'invalid_response', retryable: false });
    expect(failure.message).toMatch(message);
    expect(await call({ url: origin, response: 'text' })).toMatchObject({ body: `{"order":${order}}` });
  });

  it('fails on JSON that is none', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-type': 'application/problem+json' }).end('{"a":');
    expect(await failureOf({ url: origin })).toMatchObject({ kind: 'invalid_response', retryable: true });
  });

  it('fails as network when nothing listens or the connection is cut', async () => {
    answer = (_, response) => void response.socket?.destroy();
    expect(await failureOf({ url: origin })).toMatchObject({ kind: 'network', retryable: true });
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('part', () => void response.socket?.destroy());
    };
    expect(await failureOf({ url: origin })).toMatchObject({ kind: 'network' });
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
    const refused = await failureOf({ url: `${origin}/x` });
    expect(refused).toMatchObject({
      kind: 'network',
      message: `GET ${origin}/x: nothing listens there (ECONNREFUSED)`,
    });
  });

  it('ends with the reason of an abort', async () => {
    const controller = new AbortController();
    answer = () => controller.abort(new NodeFailure('too slow', { kind: 'timeout' }));
    await expect(call({ url: origin }, controller.signal)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'too slow',
    });
  });

  it('sends credentials of the URL as Authorization and tells no secret', async () => {
    answer = (_, response) => json(response, 500, {});
    const url = origin.replace('http://', 'http://us%40er:pa%20ss@');
    const failure = await failureOf({ url: `${url}/p?token=t0ken` });
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('us@er:pa ss').toString('base64')}`);
    expect(failure.message).toBe(`GET ${origin}/p answered 500 Internal Server Error`);
    const bad = await failureOf({ url: origin, headers: { authorization: 'Bearer s3cret\nx' } });
    expect(bad).toMatchObject({ kind: 'invalid_config', retryable: false });
    expect(bad.message).not.toContain('s3cret');
  });

  it.each([
    [{ url: 'file:///etc/passwd' }],
    [{ url: 'ftp://a/b' }],
    [{ url: '/relative' }],
    [{ url: 'http://' }],
    [{ url: 'http://127.0.0.1:1/', method: 'GET', body: 'x' }],
  ])('refuses %j', async (settings) => {
    expect(await failureOf(settings)).toMatchObject({ kind: 'invalid_config', retryable: false });
  });

  it('says what "with" must look like', () => {
    const compiled = compileSchema(httpKind.withSchema ?? {});
    const check = (value: Json): number => (compiled.status === 'ok' ? compiled.check(value).length : -1);
    expect(
      check({ url: 'http://a', method: 'POST', body: [1], expect_status: ['200-204', 404], max_bytes: null }),
    ).toBe(0);
    expect(check({ url: 'http://a', method: 'FETCH' })).toBe(1);
    expect(check({ url: 'http://a', expect_status: '2xx' })).toBe(1);
    expect(check({ uri: 'http://a' })).toBe(2);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['999999999', 86_400_000],
    ['-5', null],
    ['soon', null],
    [null, null],
  ])('%j asks for %j', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
