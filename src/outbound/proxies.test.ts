import { createServer, request as requestHttp, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ErrandError } from '../core/errors.js';
import { ForbiddenAddress } from '../core/ports/outbound.js';
import { createOutbound, type OpenOutbound } from './create-outbound.js';
import { readProxies } from './proxies.js';

let proxy: Server;
let target: Server;
let passed: string[];
let outbound: OpenOutbound | null = null;

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  passed = [];
  target = createServer((request, response) => void response.end(`target ${request.url} ${request.headers.host}`));
  // Wherever a request wants to go, it comes to the target.
  proxy = createServer((request, response) => {
    passed.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    const { pathname } = new URL(request.url ?? '');
    const { host } = request.headers;
    requestHttp({ port: portOf(target), path: pathname, headers: { host } }, (answer) => answer.pipe(response)).end();
  });
  proxy.on('connect', (request, socket) => {
    passed.push(`CONNECT ${request.url}`);
    const tunnel = connect(portOf(target), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on('error', () => socket.destroy());
    socket.on('error', () => tunnel.destroy());
  });
  await Promise.all([listen(proxy), listen(target)]);
});

afterEach(async () => {
  await outbound?.close();
  for (const server of [proxy, target]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

function through(env: { readonly [name: string]: string }): OpenOutbound {
  outbound = createOutbound({
    hosts: 'any',
    allow: [],
    proxies: readProxies(env),
    // Nobody here knows names of the outside.
    lookup: (hostname, _, done) =>
      hostname === 'known.test'
        ? done(null, [{ address: '169.254.169.254', family: 4 }])
        : done(new Error(`no ${hostname}`), []),
  });
  return outbound;
}

const proxyUrl = (): string => `http://127.0.0.1:${portOf(proxy)}`;

describe('a proxy of the environment', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])(
    'is asked for what %s is for, by names that it looks up itself',
    async (name) => {
      const response = await through({ [name]: proxyUrl() }).fetch('http://outside.test/page');
      expect(await response.text()).toBe('target /page outside.test');
      expect(passed).toEqual(['GET http://outside.test/page -']);
    },
  );

  it('is told its user and password', async () => {
    const withPassword = proxyUrl().replace('//', '//us%40er:pa%20ss@');
    await (await through({ HTTP_PROXY: withPassword }).fetch('http://outside.test/')).text();
    expect(passed).toEqual([`GET http://outside.test/ Basic ${Buffer.from('us@er:pa ss').toString('base64')}`]);
  });

  it('tunnels what goes over TLS', async () => {
    await expect(through({ HTTPS_PROXY: proxyUrl() }).fetch('https://outside.test/')).rejects.toThrow(
      /SSL|TLS|wrong version|ssl/,
    );
    expect(passed[0]).toBe('CONNECT outside.test:443');
  });

  it.each(['127.0.0.1', 'localhost,127.0.0.0/8', '*', '.example 127.0.0.1:PORT'])(
    'is passed by for what NO_PROXY names: %s',
    async (hosts) => {
      const env = { HTTP_PROXY: proxyUrl(), NO_PROXY: hosts.replace('PORT', String(portOf(target))) };
      const response = await through(env).fetch(`http://127.0.0.1:${portOf(target)}/x`);
      expect(await response.text()).toMatch(/^target \/x /);
      expect(passed).toEqual([]);
    },
  );

  it('stands in NO_PROXY with the hosts below it', () => {
    const proxies = readProxies({ HTTP_PROXY: 'http://p.test:1', no_proxy: 'example.com' });
    expect(proxies?.of(new URL('http://a.example.com/'))).toBeNull();
    expect(proxies?.of(new URL('http://example.com/'))).toBeNull();
    expect(proxies?.of(new URL('http://notexample.com/'))?.host).toBe('p.test:1');
    expect(proxies?.of(new URL('https://other.test/'))).toBeNull();
  });

  it('is not asked for addresses that are forbidden, written so or found under the name', async () => {
    const { fetch } = through({ HTTP_PROXY: proxyUrl() });
    for (const host of ['169.254.169.254', 'metadata.google.internal', 'known.test']) {
      await expect(fetch(`http://${host}/`)).rejects.toBeInstanceOf(ForbiddenAddress);
    }
    await expect(fetch('http://127.0.0.1:1/', { hosts: 'public' })).rejects.toBeInstanceOf(ForbiddenAddress);
    expect(passed).toEqual([]);
  });

  it('may be written without a scheme, and is told without its password', () => {
    expect(readProxies({ HTTPS_PROXY: 'user:secret@proxy.test:3128 ' })?.told).toEqual(['http://proxy.test:3128']);
    expect(readProxies({ HTTP_PROXY: '' })).toBeNull();
    const read = (): unknown => readProxies({ HTTP_PROXY: 'socks://user:secret@proxy.test' });
    expect(read).toThrow(ErrandError);
    expect(read).not.toThrow(/secret/);
  });
});
