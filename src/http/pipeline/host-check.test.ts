import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { HttpEnv } from './app-deps.js';
import { createHostGuard, hostCheck, isLoopback } from './host-check.js';

function statusOf(
  options: Partial<Parameters<typeof createHostGuard>[0]>,
  headers: Record<string, string>,
): Promise<number> {
  const app = new Hono<HttpEnv>();
  app.use(hostCheck(createHostGuard({ host: '127.0.0.1', publicUrl: null, allowedHosts: [], ...options })));
  app.get('/', (c) => c.text('in'));
  return Promise.resolve(app.request('/', { headers })).then((response) => response.status);
}

describe('hostCheck', () => {
  it('lets only loopback names reach a server on loopback', async () => {
    for (const host of ['localhost', 'LOCALHOST:8787', '127.0.0.1:8787', '127.9.9.9', '[::1]:8787']) {
      expect([host, await statusOf({}, { host })]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '@', 'a b']) {
      expect([host, await statusOf({}, { host })]).toEqual([host, 403]);
    }
  });

  it('lets the public name and allowed names through as well', async () => {
    const options = { publicUrl: 'https://errand.example/base', allowedHosts: ['Other.example'] };
    expect(await statusOf(options, { host: 'errand.example' })).toBe(200);
    expect(await statusOf(options, { host: 'other.example:99' })).toBe(200);
    expect(await statusOf(options, { host: 'evil.example' })).toBe(403);
  });

  it('takes any name on an open address, unless names are listed', async () => {
    expect(await statusOf({ host: '0.0.0.0' }, { host: 'anything.example' })).toBe(200);
    expect(await statusOf({ host: '0.0.0.0', allowedHosts: ['a.example'] }, { host: 'b.example' })).toBe(403);
  });

  it('refuses pages of other origins wherever it listens', async () => {
    const publicUrl = 'https://errand.example';
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const origins = {
        'http://localhost:3000': 200,
        'https://errand.example': 200,
        'https://evil.example': 403,
        null: 403,
      };
      for (const [origin, status] of Object.entries(origins)) {
        expect([origin, await statusOf({ host, publicUrl }, { host: 'localhost', origin })]).toEqual([origin, status]);
      }
    }
  });
});

describe('isLoopback', () => {
  it('knows loopback by its names and addresses', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '192.168.0.1', 'localhost.example', ''].some(isLoopback)).toBe(false);
  });
});
