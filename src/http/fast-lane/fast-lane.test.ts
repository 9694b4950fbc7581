import { connect, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KEY_A, startFixture, type Fixture } from '../../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS } from '../../../test/support/runs/sample-records.js';
import type { Run } from '../../core/run/run.js';

let fixture: Fixture | null = null;
const sockets: Socket[] = [];

async function start(options: Parameters<typeof startFixture>[0] = {}): Promise<Fixture> {
  fixture = await startFixture(options);
  return fixture;
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await fixture?.close();
  fixture = null;
});

/** A connection and all that has come over it. */
class Wire {
  text = '';
  closed = false;
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    sockets.push(socket);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (this.text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  static async open(options: { readonly allowHalfOpen?: boolean } = {}): Promise<Wire> {
    const socket = connect({ port: fixture?.server.port ?? 0, host: '127.0.0.1', ...options });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Wire(socket);
  }

  async answers(count: number): Promise<string[]> {
    await vi.waitUntil(() => this.#bodies().length >= count, { timeout: 20_000, interval: 5 });
    return this.#bodies();
  }

  #bodies(): string[] {
    return this.text.split(/(?=HTTP\/1\.1 )/).filter((answer) => isWhole(answer));
  }
}

function isWhole(answer: string): boolean {
  const [head = '', body] = answer.split('\r\n\r\n', 2);
  if (body === undefined || head.startsWith('HTTP/1.1 204')) return body !== undefined;
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return length === undefined ? answer.endsWith('0\r\n\r\n') : Buffer.byteLength(body) === Number(length);
}

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 'é😀',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'wire', version: '1' } },
});

const STREAMS = ['Accept: application/json, text/event-stream'];

function request(body = INITIALIZE, lines: readonly string[] = [], path = '/mcp/workflows'): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${KEY_A}`,
    'Content-Type: application/json',
    ...(lines.some((line) => line.startsWith('Accept:')) ? [] : STREAMS),
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...lines,
    '',
    body,
  ].join('\r\n');
}

/** The same, by a header that means nothing, for Node's HTTP. */
const slowly = (body = INITIALIZE, path = '/mcp/workflows', lines: readonly string[] = []): string =>
  request(body, ['TE: trailers', ...lines], path);

/** With it, a call that takes its time is answered with a stream where the client takes one. */
const META = { progressToken: 'token' };

/** Has a call wait for the end of a run, and gives the run. */
async function wait(
  wire: Wire,
  services: Fixture['services'],
  make = (body: string) => request(body, ['Accept: application/json'], '/mcp'),
): Promise<Run> {
  const run = await services.put(SAMPLE_RUNS.running);
  const params = { name: 'get_run_status', arguments: { run_id: `run_${run.id}`, wait_seconds: 25 }, _meta: META };
  wire.socket.write(make(JSON.stringify({ jsonrpc: '2.0', id: 'waiting', method: 'tools/call', params })));
  await expect.poll(() => services.waiters).toBeGreaterThan(0);
  return run;
}

/** What an answer says, without what differs by when it was given. */
function meaningOf(answer: string): string {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const lines = head.split('\r\n').filter((line) => !/^date:/i.test(line));
  return [...lines.map((line) => line.toLowerCase()).toSorted(), body].join('\n');
}

describe('the fast lane', () => {
  it('answers as the way through Node does, over one connection', async () => {
    await start();
    const [fast, slow] = [await Wire.open(), await Wire.open()];
    for (let count = 1; count <= 3; count += 1) {
      fast.socket.write(request());
      slow.socket.write(slowly());
      const [one, other] = [(await fast.answers(count)).at(-1) ?? '', (await slow.answers(count)).at(-1) ?? ''];
      expect(one).toContain('"é😀"');
      expect(one).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(meaningOf(one)).toBe(meaningOf(other));
    }
  });

  it('answers whatever a body holds as the way through Node does', async () => {
    await start();
    const [fast, slow] = [await Wire.open(), await Wire.open()];
    let count = 0;
    const id = fc.oneof(fc.integer(), fc.string({ unit: 'grapheme' }), fc.constant(null));
    const method = fc.constantFrom(
      'initialize',
      'ping',
      'tools/list',
      'tools/call',
      'notifications/initialized',
      'nothing',
    );
    const message = fc.record(
      { jsonrpc: fc.constantFrom('2.0', '1.0'), id, method, params: fc.jsonValue() },
      { requiredKeys: ['method'] },
    );
    const body = fc.oneof(
      message.map((value) => JSON.stringify(value)),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string({ unit: 'grapheme' }),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('/mcp/workflows', '/api/mcp-app', '/mcp'), async (text, path) => {
        count += 1;
        fast.socket.write(request(text, [], path));
        slow.socket.write(slowly(text, path));
        const [one, other] = [(await fast.answers(count)).at(-1) ?? '', (await slow.answers(count)).at(-1) ?? ''];
        expect(meaningOf(one)).toBe(meaningOf(other));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('takes a request in any number of pieces', async () => {
    await start();
    const bytes = Buffer.from(request());
    for (const cut of [1, 20, bytes.indexOf('\r\n\r\n') + 4, bytes.length - 60, bytes.length - 1]) {
      const wire = await Wire.open();
      wire.socket.setNoDelay(true);
      wire.socket.write(bytes.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      wire.socket.write(bytes.subarray(cut));
      expect((await wire.answers(1))[0]).toContain('"é😀"');
    }
  });

  it('hands over what is not plain, in the middle of a connection, and what comes all at once', async () => {
    await start();
    const wire = await Wire.open();
    wire.socket.write(request());
    await wire.answers(1);
    wire.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect((await wire.answers(2))[1]).toContain('"status"');
    wire.socket.write(request() + request() + slowly());
    expect(await wire.answers(5)).toHaveLength(5);
    const other = await Wire.open();
    other.socket.write(request() + request() + request());
    expect(await other.answers(3)).toHaveLength(3);
  });

  it('answers the next request in its turn when it comes before the answer to the first', async () => {
    const { services } = await start();
    const wire = await Wire.open();
    const run = await wait(wire, services);
    wire.socket.write(request());
    await services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
    const [first, second] = await wire.answers(2);
    expect(first).toContain('"waiting"');
    expect(second).toContain('"é😀"');
  });

  it('learns that a client has gone while it waits', async () => {
    const { services } = await start();
    const wire = await Wire.open();
    await wait(wire, services);
    wire.socket.resetAndDestroy();
    await expect.poll(() => services.waiters).toBe(0);
  });

  it.each([
    ['the fast lane', request],
    ['Node', (body: string, lines: readonly string[], path: string) => slowly(body, path, lines)],
  ])('answers a waiting call of a client that has closed its sending half, through %s', async (_way, make) => {
    const { services } = await start();
    const wire = await Wire.open({ allowHalfOpen: true });
    const run = await wait(wire, services, (body) => make(body, ['Accept: application/json'], '/mcp'));
    wire.socket.end();
    await vi.waitUntil(() => wire.socket.writableFinished);
    await services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
    const [answer] = await wire.answers(1);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"waiting"[^]*cancelled/);
    await vi.waitUntil(() => wire.closed);
  });

  it.each([
    ['the fast lane', request],
    ['Node', (body: string, lines: readonly string[], path: string) => slowly(body, path, lines)],
  ])('streams its answer to a client that has closed its sending half, through %s', async (_way, make) => {
    const { services } = await start();
    const wire = await Wire.open({ allowHalfOpen: true });
    const run = await wait(wire, services, (body) => make(body, STREAMS, '/mcp'));
    wire.socket.end();
    // The heartbeat that finds out whether the client is still there.
    await vi.waitUntil(() => wire.text.includes(': still here'), { timeout: 20_000 });
    await services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
    const [answer] = await wire.answers(1);
    expect(answer).toMatch(/"waiting"[^]*cancelled/);
    await vi.waitUntil(() => wire.closed);
  });

  it.each([
    ['the fast lane', request],
    ['Node', (body: string, lines: readonly string[], path: string) => slowly(body, path, lines)],
  ])('learns that a client has closed its stream, through %s', async (_way, make) => {
    const { services } = await start();
    const wire = await Wire.open();
    await wait(wire, services, (body) => make(body, STREAMS, '/mcp'));
    await vi.waitUntil(() => wire.text.includes('text/event-stream'), { timeout: 20_000 });
    wire.socket.destroy();
    await expect.poll(() => services.waiters).toBe(0);
  });

  it('refuses bodies over the limit and says who may not ask, as the way through Node does', async () => {
    await start({ maxBodyBytes: 200 });
    const [fast, slow] = [await Wire.open(), await Wire.open()];
    const long = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { long: 'x'.repeat(300) } });
    fast.socket.write(request(long));
    slow.socket.write(slowly(long));
    const foreign = request().replace('Host: localhost', 'Host: evil.example');
    const anonymous = request().replace(/Authorization: .*\r\n/, '');
    const [one, other] = [(await fast.answers(1))[0] ?? '', (await slow.answers(1))[0] ?? ''];
    expect(one).toMatch(/^HTTP\/1\.1 413 /);
    expect(meaningOf(one)).toBe(meaningOf(other));
    fast.socket.write(foreign);
    expect((await fast.answers(2))[1]).toMatch(/^HTTP\/1\.1 403 /);
    fast.socket.write(anonymous);
    expect((await fast.answers(3))[2]).toMatch(/^HTTP\/1\.1 401 [^]*www-authenticate: Bearer /);
  });

  it('ends connections over which nothing is asked', async () => {
    await start({ timeouts: { keepAliveMs: 60, requestMs: 60, headersMs: 60 } });
    const [fresh, used] = [await Wire.open(), await Wire.open()];
    used.socket.write(request());
    await used.answers(1);
    await expect.poll(() => fresh.closed && used.closed, { timeout: 20_000 }).toBe(true);
  });

  it('gives a whole request its time once, however its body drips in', async () => {
    await start({ timeouts: { keepAliveMs: 60_000, requestMs: 200, headersMs: 200 } });
    const wire = await Wire.open();
    const bytes = request();
    const bodyStart = bytes.indexOf('\r\n\r\n') + 4;
    wire.socket.write(bytes.slice(0, bodyStart));
    const drip = setInterval(() => wire.socket.write(' '), 10);
    await vi.waitUntil(() => wire.closed, { timeout: 20_000 });
    clearInterval(drip);
    expect(wire.text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('takes a body of single bytes, and one that announces more than it is', async () => {
    await start();
    const wire = await Wire.open();
    wire.socket.setNoDelay(true);
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'w'.repeat(3_000) } };
    const text = request(JSON.stringify({ jsonrpc: '2.0', id: 'bytes', method: 'initialize', params }));
    for (const byte of text) {
      wire.socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await wire.answers(1))[0]).toContain('"bytes"');
    wire.socket.end(request().slice(0, -1));
    await vi.waitUntil(() => wire.closed);
    expect(wire.text).toMatch(/HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/);
  });

  it.each([
    ['at once', 100_000],
    ['in segments', 1_460],
    ['in small pieces', 60],
  ])('refuses a head of 60 KB of blanks %s, without delay for others', async (_how, size) => {
    const { url } = await start();
    const heads = [
      `x:${' '.repeat(60_000)}\u0001`,
      `x:${' '.repeat(60_000)}y\u0001`,
      `x${' '.repeat(60_000)}:`,
      `x:${'y '.repeat(30_000)}\u0001`,
      `x:${'y'.repeat(60_000)}`,
    ];
    const begun = performance.now();
    const wires = await Promise.all(
      heads.map(async (line) => {
        const wire = await Wire.open();
        const text = request('{}', [line]);
        for (let at = 0; at < text.length && !wire.closed; at += size) {
          wire.socket.write(text.slice(at, at + size));
          await new Promise((resolve) => setImmediate(resolve));
        }
        return wire;
      }),
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    for (const wire of wires) {
      await vi.waitUntil(() => wire.closed, { timeout: 20_000 });
      expect(wire.text).toMatch(/^(HTTP\/1\.1 4(00|31) |$)/);
    }
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('answers a head over 16 KiB as Node does', async () => {
    await start();
    for (const make of [request, (body: string, lines: readonly string[]) => slowly(body, '/mcp/workflows', lines)]) {
      const wire = await Wire.open();
      wire.socket.write(make(INITIALIZE, [`X-Padding: ${'x'.repeat(17_000)}`]));
      await vi.waitUntil(() => wire.closed, { timeout: 20_000 });
      expect(wire.text).toBe('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n');
    }
  });

  it('says when it was', async () => {
    await start();
    const wire = await Wire.open();
    wire.socket.write(request());
    const date = /^date: (.*)$/im.exec((await wire.answers(1))[0] ?? '')?.[1] ?? '';
    expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(60_000);
  });
});
