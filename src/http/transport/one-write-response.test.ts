import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OneWriteResponse } from './one-write-response.js';

let server: Server | null = null;
afterEach(async () => {
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
});

/** Everything that the server sends on one connection for these requests, sent at once; the last one ends it. */
async function answersTo(paths: readonly string[], listener: RequestListener): Promise<string> {
  const started = createServer({ ServerResponse: OneWriteResponse }, listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const socket = connect((started.address() as AddressInfo).port, '127.0.0.1');
  const requests = paths.map((path, index) => {
    const last = index === paths.length - 1 ? 'Connection: close\r\n' : '';
    return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`;
  });
  socket.write(requests.join(''));
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

describe('OneWriteResponse', () => {
  it('answers requests that came at once in their order, whichever is ready first', async () => {
    const ends: (() => void)[] = [];
    const text = await answersTo(['/1', '/2', '/3', '/4'], ({ url = '' }, outgoing) => {
      ends.push(() => outgoing.writeHead(200, { 'content-length': url.length }).end(url));
      if (ends.length < 4) return;
      for (const end of ends.toReversed()) end();
    });
    expect(text.match(/(?<=\r\n\r\n)\/\d/g)).toEqual(['/1', '/2', '/3', '/4']);
  });

  it('sends all of an answer that takes many writes before it ends the connection', async () => {
    const long = 'é'.repeat(4_000_000);
    const text = await answersTo(['/'], (_incoming, outgoing) => void outgoing.end(long));
    expect(text.endsWith(`\r\n\r\n${long}`)).toBe(true);
  });

  it('sends heads without a body, and bodies in pieces', async () => {
    const finished: string[] = [];
    const text = await answersTo(['/none', '/pieces', '/nothing'], ({ url = '' }, outgoing) => {
      outgoing.once('finish', () => finished.push(url));
      if (url === '/pieces') {
        outgoing.write('one ');
        outgoing.end('two');
      } else {
        outgoing.writeHead(url === '/none' ? 204 : 200).end();
      }
    });
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(text).toContain('4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n');
    expect(finished).toEqual(['/none', '/pieces', '/nothing']);
  });
});
