import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bearer, KEY_A, startFixture, type Fixture } from '../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS } from '../../test/support/runs/sample-records.js';
import { silentLogger } from '../core/ports/logger.js';
import { serve } from './serve.js';

let fixture: Fixture | null = null;

async function start(options: Parameters<typeof startFixture>[0] = {}): Promise<Fixture> {
  fixture = await startFixture(options);
  return fixture;
}
afterEach(async () => {
  await fixture?.close();
  fixture = null;
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Everything that comes until the other side ends the connection. */
async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (text += chunk));
  await new Promise((resolve) => socket.once('close', resolve).once('error', resolve));
  return text;
}

const HALF_REQUEST =
  `POST /mcp/workflows HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY_A}\r\n` +
  'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"jsonrpc"';

describe('serve', () => {
  it('ends connections that never finish their headers', async () => {
    const { server } = await start({ timeouts: { headersMs: 100, requestMs: 200 } });
    const socket = await open(server.port);
    socket.write('POST /mcp/workflows HTTP/1.1\r\nHost: loc');
    expect(await readToEnd(socket)).toContain('408 Request Timeout');
  });

  it('ends connections that never finish their body', async () => {
    const { server } = await start({ timeouts: { headersMs: 100, requestMs: 200 } });
    const socket = await open(server.port);
    socket.write(HALF_REQUEST);
    expect(await readToEnd(socket)).toContain('408 Request Timeout');
  });

  it('goes on when a client hangs up in the middle of its body', async () => {
    const { server, url } = await start();
    const socket = await open(server.port);
    socket.write(HALF_REQUEST);
    socket.destroy();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('answers what is no HTTP with 400 and goes on', async () => {
    const { server, url } = await start();
    for (const text of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET /\\x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ]) {
      const socket = await open(server.port);
      socket.end(text);
      expect(await readToEnd(socket)).toContain('HTTP/1.1 400');
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('keeps a connection for further requests', async () => {
    const { server } = await start();
    const socket = await open(server.port);
    socket.write(
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect((await readToEnd(socket)).match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
  });

  it('closes connections beyond the most that it holds, says so once, and takes on new ones when others end', async () => {
    const warnings: string[] = [];
    const { app } = await start({
      logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) },
    });
    const server = await serve({ app, host: '127.0.0.1', port: 0, maxConnections: 2 });
    const health = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const held = [await open(server.port), await open(server.port)];
    for (let count = 0; count < 3; count += 1) expect(await readToEnd(await open(server.port))).toBe('');
    expect(warnings).toEqual(['New connections are refused: as many are open as may be']);
    for (const socket of held) {
      socket.write(health);
      expect(await readToEnd(socket)).toContain('200 OK');
    }
    const socket = await open(server.port);
    socket.write(health);
    expect(await readToEnd(socket)).toContain('200 OK');
    await server.close({ graceMs: 0 });
  });

  it('rejects when the address is taken', async () => {
    const { server, app } = await start();
    await expect(serve({ app, host: '127.0.0.1', port: server.port })).rejects.toThrow(/EADDRINUSE/);
  });

  it('ends idle connections, streams and waits when it closes, and answers what still runs', async () => {
    const { server, url, services } = await start();
    const run = await services.put(SAMPLE_RUNS.running);
    const idle = await open(server.port);
    const runUrl = `${url}/api/v1/runs/run_${run.id}`;
    const stream = await fetch(`${runUrl}/events`, { headers: { ...bearer(KEY_A), accept: 'text/event-stream' } });
    const waiting = fetch(`${runUrl}?wait_seconds=25`, { headers: bearer(KEY_A) });
    await expect.poll(() => services.waiters).toBe(2);
    const closed = server.close();
    expect(await stream.text()).toContain(': watching');
    expect(await (await waiting).json()).toMatchObject({ status: 'running' });
    await readToEnd(idle);
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('cuts off what does not end in time when it closes', async () => {
    const { server } = await start();
    const socket = await open(server.port);
    socket.write(HALF_REQUEST);
    const end = readToEnd(socket);
    await server.close({ graceMs: 50 });
    expect(await end).toBe('');
  });
});
