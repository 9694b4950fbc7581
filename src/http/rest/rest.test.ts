import { describe, expect, it } from 'vitest';
import { bearer, KEY_A, limitOf, post, startFixture } from '../../../test/support/http/http-fixture.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { ErrandError } from '../../core/errors.js';
import { fixture, api, get, RUN_URL, setUp } from '../../../test/support/http/rest-under-test.js';

setUp();

describe('the REST API, at the door', () => {
  it('needs a key everywhere', async () => {
    for (const path of ['/workflows', '/runs', RUN_URL, `${RUN_URL}/events`, '/credits', '/organizations', '/keys']) {
      const response = await fetch(api + path);
      const challenge = `Bearer resource_metadata="${fixture.url}/.well-known/oauth-protected-resource/api/v1"`;
      expect([path, response.status, response.headers.get('www-authenticate')]).toEqual([path, 401, challenge]);
    }
    const wrong = await get('/runs', 'sk_live_wrong');
    expect(wrong.headers.get('www-authenticate')).toMatch(
      /api\/v1", error="invalid_token", error_description="[^"]+"$/,
    );
  });

  it('refuses malformed JSON and other content types', async () => {
    const malformed = await post(`${api}/runs`, '{"workflow_id":');
    expect([malformed.status, await malformed.json()]).toMatchObject([400, { error: { code: 'invalid_input' } }]);
    const text = await post(`${api}/runs`, 'x', { ...bearer(KEY_A), 'content-type': 'text/plain' });
    expect([text.status, await text.json()]).toMatchObject([415, { error: { code: 'unsupported_media_type' } }]);
    const array = await post(`${api}/runs`, []);
    expect(array.status).toBe(400);
  });

  it('tells the methods of a path', async () => {
    const response = await fetch(`${api}/runs`, { method: 'DELETE', headers: bearer(KEY_A) });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
  });

  it('answers 429 over the limit', async () => {
    const limited = await startFixture({ limits: { mutating: limitOf(0), reading: limitOf(1) } });
    const ask = () => fetch(`${limited.url}/api/v1/workflows`, { headers: bearer(KEY_A) });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '42']);
    await limited.close();
  });

  it('tells whether the server is alive and ready', async () => {
    const { ready, later, close, url, services } = await healthFixture();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await ready()).status).toBe(200);
    services.stub('checkReady', diskIsFull);
    later(1_000);
    const response = await ready();
    expect([response.status, await response.json()]).toMatchObject([503, { error: { message: 'The disk is full.' } }]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await close();
  });

  it('checks once a second at most whether the server is ready, however many ask', async () => {
    const { ready, later, close, services } = await healthFixture();
    const statuses = async (): Promise<Set<number>> =>
      new Set((await Promise.all(Array.from({ length: 50 }, ready))).map(({ status }) => status));
    let checks = 0;
    const check = (then: () => Promise<void>): void =>
      services.stub('checkReady', () => {
        checks += 1;
        return then();
      });
    const isReady = services.checkReady.bind(services);
    check(isReady);
    expect([await statuses(), checks]).toEqual([new Set([200]), 1]);
    check(diskIsFull);
    later(999);
    expect([await statuses(), checks]).toEqual([new Set([200]), 1]);
    later(1);
    expect([await statuses(), checks]).toEqual([new Set([503]), 2]);
    check(isReady);
    later(-3_600_000);
    expect([await statuses(), checks]).toEqual([new Set([200]), 3]);
    await close();
  });
});

const diskIsFull = async (): Promise<void> => {
  throw new ErrandError('unavailable', 'The disk is full.');
};

async function healthFixture() {
  let at = Date.now();
  const made = await startFixture({ clock: { ...nodeClock, now: () => at } });
  return { ...made, ready: () => fetch(`${made.url}/readyz`), later: (ms: number) => void (at += ms) };
}

describe('the log', () => {
  it('has a quiet line for each request, without headers, queries and bodies', async () => {
    const lines: string[] = [];
    const keep = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
    const logger = { debug: keep, info: keep, warn: keep, error: keep };
    const logged = await startFixture({ logger });
    await fetch(`${logged.url}/api/v1/runs?status=failed`, { headers: bearer(KEY_A) });
    await post(`${logged.url}/mcp/workflows`, { jsonrpc: '2.0', id: 'secret', method: 'ping' });
    await logged.close();
    expect(lines).toHaveLength(2);
    expect(lines.join()).toMatch(/"method":"GET","path":"\/api\/v1\/runs","status":200/);
    expect(lines.join()).not.toMatch(/sk_live|secret|status=failed/);
  });
});
