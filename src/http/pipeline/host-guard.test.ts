import { describe, expect, it } from 'vitest';
import { answerWithoutSocket } from '../../../test/support/http/request-exchange.js';
import { silentLogger } from '../../core/ports/logger.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { jsonReply } from '../transport/replies.js';
import { createHostGuard, isLoopback } from './host-guard.js';
import { Pipeline } from './pipeline.js';
import { Routes } from './routes.js';

async function statusOf(
  options: Partial<Parameters<typeof createHostGuard>[0]>,
  headers: Record<string, string>,
): Promise<number> {
  const routes = new Routes();
  routes.add('/', { GET: jsonReply({}) });
  const given = { host: '127.0.0.1', publicUrl: null, allowedHosts: [], allowedOrigins: [], ...options };
  const guard = createHostGuard(given);
  const { publicUrl } = given;
  const app = new Pipeline({
    routes,
    guard,
    publicUrl,
    logger: silentLogger,
    clock: new ManualClock(),
    newId: () => 'id',
  });
  return (await answerWithoutSocket(app, new Request('http://localhost/', { headers }))).status;
}

describe('the host guard', () => {
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

  it.each([
    ['on loopback', {}, { 'https://errand.example': 403 }],
    ['on loopback, under a local name', { publicUrl: 'http://localhost:9000/base' }, { 'https://errand.example': 403 }],
  ])('takes pages of loopback only %s', async (_where, options, more) => {
    const origins = {
      'http://localhost:3000': 200,
      'http://127.0.0.1': 200,
      'https://evil.example': 403,
      'http://localhost.evil.example': 403,
      'file://': 403,
      null: 403,
      ...more,
    };
    for (const [origin, status] of Object.entries(origins)) {
      expect([origin, await statusOf(options, { host: 'localhost', origin })]).toEqual([origin, status]);
    }
  });

  it.each([{ host: '0.0.0.0' }, { publicUrl: 'https://errand.example' }])(
    'takes pages of any origin on a public address: %j',
    async (options) => {
      for (const origin of ['https://app.example', 'http://localhost:3000', 'null', 'https://errand.example']) {
        expect([origin, await statusOf(options, { host: 'localhost', origin })]).toEqual([origin, 200]);
      }
    },
  );

  it('takes pages of the origins that are listed, and its own', async () => {
    const publicUrl = 'https://errand.example/base';
    const allowedOrigins = ['https://app.example', 'http://localhost:3000', 'null'];
    const statuses = {
      'https://app.example': 200,
      'http://app.example': 403,
      'https://app.example:8443': 403,
      'http://localhost:3000': 200,
      'http://localhost:3001': 403,
      'https://errand.example': 200,
      'http://10.0.0.5:8787': 200,
      'https://evil.example': 403,
      null: 200,
    };
    for (const [origin, status] of Object.entries(statuses)) {
      const headers = { host: '10.0.0.5:8787', origin };
      expect([origin, await statusOf({ host: '0.0.0.0', publicUrl, allowedOrigins }, headers)]).toEqual([
        origin,
        status,
      ]);
    }
    const evil = { host: 'localhost', origin: 'https://evil.example' };
    expect(await statusOf({ allowedOrigins: ['*'] }, evil)).toBe(200);
    expect(await statusOf({ allowedOrigins: ['https://app.example'] }, { ...evil, origin: 'http://localhost:1' })).toBe(
      200,
    );
  });

  it('guards its name on loopback whatever origins it takes', async () => {
    const options = { allowedOrigins: ['*'], publicUrl: 'https://errand.example' };
    expect(await statusOf(options, { host: 'evil.example', origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf({ ...options, allowedHosts: ['*'] }, { host: 'evil.example' })).toBe(200);
  });

  it('says which setting lets a refused host or page in', () => {
    const guard = createHostGuard({ host: '127.0.0.1', publicUrl: null, allowedHosts: [], allowedOrigins: [] });
    expect(guard.refusal('a.example', undefined)?.message).toMatch(/"a\.example".*ERRAND_ALLOWED_HOSTS/);
    expect(guard.refusal('localhost', 'https://a.example')?.message).toMatch(
      /"https:\/\/a\.example".*ERRAND_ALLOWED_ORIGINS/,
    );
  });
});

describe('isLoopback', () => {
  it('knows loopback by its names and addresses', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '192.168.0.1', 'localhost.example', ''].some(isLoopback)).toBe(false);
  });
});
