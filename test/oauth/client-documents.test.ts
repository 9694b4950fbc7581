import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { fetchDocument } from '../../src/app/assembly/wire-oauth.js';
import { ClientDocuments, type FetchDocument, type FoundClient } from '../../src/auth/oauth/client-documents.js';
import { PINNED_DOCUMENTS } from '../../src/auth/oauth/pinned-documents.js';
import { createRateLimiter } from '../../src/auth/limits/rate-limit.js';
import { silentLogger } from '../../src/core/ports/logger.js';
import { createOutbound } from '../../src/outbound/create-outbound.js';
import { loopbackOutbound } from '../../src/testing/loopback-outbound.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const clock = new ManualClock();
const limiter = (limit: number) => createRateLimiter({ clock, limit, windowMs: 60_000 });

function documentsFrom(fetch: FetchDocument, { caller = 1_000, host = 1_000 } = {}): ClientDocuments {
  const limits = { caller: limiter(caller), host: limiter(host) };
  return new ClientDocuments({ fetch, pinned: PINNED_DOCUMENTS, clock, logger: silentLogger, limits });
}

const outbound = createOutbound({ hosts: 'any', allow: [], proxies: null });
afterAll(() => outbound.close());

describe('the document of a client', () => {
  it.each([
    'https://127.0.0.1/client.json',
    'https://localhost/client.json',
    'https://10.0.0.1/client.json',
    'https://192.168.1.1:8443/client.json',
    'https://169.254.169.254/latest/meta-data',
    'https://metadata.google.internal/computeMetadata',
    'https://[::1]/client.json',
    'https://[fd00::1]/client.json',
    'https://[::ffff:10.0.0.1]/client.json',
    'https://no-such-host.invalid/client.json',
  ])('at a private address is refused in the words of one that does not answer: %s', async (id) => {
    const documents = documentsFrom(fetchDocument(outbound.fetch));
    const asked = new URL(id).href;
    expect(await documents.find(asked, 'a')).toEqual({
      kind: 'refused',
      message: "The client's metadata document cannot be fetched from the address that is its client_id.",
    });
  });

  it.each([
    'http://client.example/client.json',
    'https://client.example/',
    'https://client.example',
    'https://client.example/a?b=c',
    'https://client.example/a#b',
    'https://user@client.example/a',
    'https://client.example/a/../b',
    'https://client.example:443/a',
    'https://CLIENT.example/a',
    `https://client.example/${'a'.repeat(500)}`,
    'https://',
  ])('is not fetched from an address of another form: %s', async (id) => {
    let fetched = 0;
    const documents = documentsFrom(async () => String(fetched++));
    expect((await documents.find(id, 'a')).kind).toBe('refused');
    expect(fetched).toBe(0);
  });

  const ID = 'https://client.example/client.json';
  const uris = ['https://client.example/callback'];

  it('counts only when it names its own address', async () => {
    const other = documentsFrom(async () => JSON.stringify({ client_id: `${ID}x`, redirect_uris: uris }));
    expect((await other.find(ID, 'a')).kind).toBe('refused');
    const none = documentsFrom(async () => JSON.stringify({ redirect_uris: uris }));
    expect((await none.find(ID, 'a')).kind).toBe('refused');
    const own = documentsFrom(async () => JSON.stringify({ client_id: ID, redirect_uris: uris, grant_types: ['new'] }));
    expect(await own.find(ID, 'a')).toMatchObject({ kind: 'client', client: { id: ID, name: 'client.example' } });
  });

  it('is fetched once by those who ask at once, and again after an hour', async () => {
    let fetched = 0;
    const documents = documentsFrom(async () => {
      fetched++;
      return JSON.stringify({ client_id: ID, redirect_uris: uris });
    });
    await Promise.all([documents.find(ID, 'a'), documents.find(ID, 'b')]);
    await documents.find(ID, 'c');
    expect(fetched).toBe(1);
    clock.jumpTo(clock.now() + 3_600_000);
    await documents.find(ID, 'a');
    expect(fetched).toBe(2);
  });

  it('is not fetched for who asks too often, nor from a host that is asked too often', async () => {
    const documents = documentsFrom(() => Promise.reject(new Error('down')), { caller: 2, host: 3 });
    const ask = async (path: string, caller: string) =>
      (await documents.find(`https://client.example/${path}`, caller)).kind;
    expect([await ask('1', 'a'), await ask('2', 'a'), await ask('3', 'a')]).toEqual(['refused', 'refused', 'busy']);
    expect([await ask('4', 'b'), await ask('5', 'b')]).toEqual(['refused', 'busy']);
  });

  it.each([...PINNED_DOCUMENTS.keys()])('of a known host is at hand when it cannot be fetched: %s', async (id) => {
    const documents = documentsFrom(() => Promise.reject(new Error('403')));
    const found = await documents.find(id, 'a');
    expect(found).toMatchObject({ kind: 'client', client: { id, source: 'document' } });
    const changed = documentsFrom(async () =>
      JSON.stringify({ client_id: id, client_name: 'New', redirect_uris: uris }),
    );
    expect(await changed.find(id, 'a')).toMatchObject({ client: { name: 'New' } });
    const { client } = (await changed.find(id, 'a')) as Extract<FoundClient, { kind: 'client' }>;
    expect(client.redirectUris.slice(0, 1)).toEqual(uris);
  });
});

describe('fetchDocument', () => {
  let server: Server | null = null;
  afterEach(() => server?.close());

  async function fetchFrom(answer: RequestListener): Promise<string> {
    server = createServer(answer);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return await fetchDocument(loopbackOutbound.fetch)(new URL(`http://127.0.0.1:${port}/client.json`));
  }

  it('takes JSON of up to 32 KB', async () => {
    const json = await fetchFrom((_, response) => {
      response.setHeader('content-type', 'application/json; charset=utf-8').end('{"a":1}');
    });
    expect(json).toBe('{"a":1}');
    const large = fetchFrom((_, response) => {
      response.setHeader('content-type', 'application/json').end(`"${'x'.repeat(40_000)}"`);
    });
    await expect(large).rejects.toThrow('longer than');
  });

  it('does not connect to a private address, also where requests of workflows may', async () => {
    let asked = 0;
    server = createServer((_, response) => {
      asked++;
      response.setHeader('content-type', 'application/json').end('{}');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}/client.json`);
    expect((await outbound.fetch(url)).status).toBe(200);
    await expect(fetchDocument(outbound.fetch)(url)).rejects.toThrow(/private|loopback|address/);
    expect(asked).toBe(1);
  });

  it('follows no redirect, and takes nothing but JSON with status 200', async () => {
    const redirecting = fetchFrom((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    await expect(redirecting).rejects.toThrow('redirects');
    const html = fetchFrom((_, response) => response.setHeader('content-type', 'text/html').end('<p>'));
    await expect(html).rejects.toThrow('text/html');
    const missing = fetchFrom((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    await expect(missing).rejects.toThrow('404');
  });
});
