import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wireConsole } from '../../src/app/assembly/wire-console.js';
import { nodeClock } from '../../src/app/process/node-clock.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { startFixture } from '../support/http/http-fixture.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { WORKFLOWS } from './console-under-test.js';

const PAGE = { 'x-errand-console': '1' };
const JSON_PAGE = { ...PAGE, 'content-type': 'application/json' };

let data: string;
let server: ServerProcess;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'errand-sessions-'));
  // Without a key of the test's choice, so that the first start prints one, and a link.
  server = await ServerProcess.start({ data, workflows: WORKFLOWS, env: { ERRAND_BOOTSTRAP_KEY: '' } });
});
afterAll(async () => {
  await server.end('SIGTERM');
  rmSync(data, { recursive: true, force: true });
});

const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(server.url + path, init);

function signIn(given: object, headers: Record<string, string> = {}): Promise<Response> {
  return ask('/console/session', {
    method: 'POST',
    headers: { ...JSON_PAGE, ...headers },
    body: JSON.stringify(given),
  });
}

const firstKey = (): string => /sk_live_\w{32}/.exec(server.output)?.[0] ?? 'none';
const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? 'none';

async function newKey(scopes: readonly string[]): Promise<{ id: string; key: string }> {
  const made = await server.api('/keys', { method: 'POST', body: { name: 'k', scopes }, key: firstKey() });
  return made.body as { id: string; key: string };
}

describe('signing in to the console', () => {
  it('takes a key, and gives a cookie that scripts cannot read and other sites cannot send', async () => {
    const response = await signIn({ key: ` ${firstKey()} ` });
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^errand-console-\d+=.*; Path=\/; HttpOnly; SameSite=Strict$/);
    const content = Buffer.from(cookie.split(/[=.]/)[1] ?? '', 'base64url').toString();
    expect(content).toContain('"keyId"');
    expect(content).not.toContain(firstKey());
    expect(await response.json()).toMatchObject({
      organization: { slug: 'default' },
      key: { name: 'first key' },
      scopes: ['read', 'run', 'approve', 'workflows:write', 'manage', 'operate'],
    });
  });

  it('takes the link of a first start, once', async () => {
    const token = /\/console\/sign-in#([\w-]+)/.exec(server.output)?.[1];
    expect(token).toHaveLength(43);
    expect((await signIn({ link: token })).status).toBe(200);
    const again = await signIn({ link: token });
    expect(again.status).toBe(401);
    expect(await again.text()).toContain('was used or has expired');
  });

  it('says what is wrong', async () => {
    for (const [given, status] of [
      [{ key: KEY }, 401],
      [{ key: '' }, 401],
      [{}, 400],
      [{ key: firstKey(), link: 'x' }, 400],
      [{ key: 1 }, 400],
      [{ key: 'x'.repeat(201) }, 400],
    ] as const) {
      const response = await signIn(given);
      expect([given, response.status, response.headers.has('set-cookie')]).toEqual([given, status, false]);
    }
  });

  it('says who is signed in, and that nobody is', async () => {
    const cookie = cookieOf(await signIn({ key: firstKey() }));
    const known = await ask('/console/session', { headers: { ...PAGE, cookie } });
    expect(await known.json()).toMatchObject({ organization: { slug: 'default' } });
    const nobody = await ask('/console/session', { headers: PAGE });
    expect([nobody.status, await nobody.json()]).toEqual([200, null]);
  });

  it('is over after signing out', async () => {
    const out = await ask('/console/session', { method: 'DELETE', headers: PAGE });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^errand-console-\d+=; Max-Age=0;/);
  });
});

describe('a session', () => {
  it('opens the API of the console, and no other', async () => {
    const cookie = cookieOf(await signIn({ key: firstKey() }));
    expect((await ask('/console/api/v1/runs', { headers: { ...PAGE, cookie } })).status).toBe(200);
    expect((await ask('/console/api/v1/runs', { headers: PAGE })).status).toBe(401);
    expect((await ask('/api/v1/runs', { headers: { ...PAGE, cookie } })).status).toBe(401);
    expect((await ask('/mcp', { method: 'POST', headers: { ...JSON_PAGE, cookie }, body: '{}' })).status).toBe(401);
    const withKey = { ...PAGE, authorization: `Bearer ${firstKey()}` };
    expect((await ask('/console/api/v1/runs', { headers: withKey })).status).toBe(401);
  });

  it('has the scopes of its key', async () => {
    const { key } = await newKey(['read']);
    const cookie = cookieOf(await signIn({ key }));
    const headers = { ...JSON_PAGE, cookie };
    expect((await ask('/console/api/v1/runs', { headers })).status).toBe(200);
    const body = JSON.stringify({ workflow_id: 'greet', input: { name: 'Ada' } });
    expect((await ask('/console/api/v1/runs', { method: 'POST', headers, body })).status).toBe(403);
    expect((await ask('/console/api/v1/keys', { headers })).status).toBe(403);
  });

  it('tells nothing of the events that were sent to who may not manage', async () => {
    const sent = await server.api('/events', { method: 'POST', body: { name: 'order.paid' }, key: firstKey() });
    const paths = ['/events', `/events/${String(sent.body['id'])}`];
    for (const [scopes, status] of [
      [['read', 'run', 'approve', 'operate'], 403],
      [['manage'], 200],
    ] as const) {
      const { key } = await newKey(scopes);
      const headers = { ...PAGE, cookie: cookieOf(await signIn({ key })) };
      for (const path of paths) {
        const response = await ask(`/console/api/v1${path}`, { headers });
        expect([scopes, path, response.status]).toEqual([scopes, path, status]);
      }
    }
  });

  it('ends with its key, and so do the streams that it has open', async () => {
    const { id, key } = await newKey(['run']);
    const cookie = cookieOf(await signIn({ key }));
    const headers = { ...PAGE, cookie };
    const started = await ask('/console/api/v1/runs', {
      method: 'POST',
      headers: { ...JSON_PAGE, cookie },
      body: JSON.stringify({ workflow_id: 'nap' }),
    });
    const { run_id: runId } = (await started.json()) as { run_id: string };
    const stream = await ask(`/console/api/v1/runs/${runId}/events`, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    await server.api(`/keys/${id}`, { method: 'DELETE', key: firstKey() });
    expect(await stream.text()).toContain('run.created');
    const after = await ask('/console/api/v1/runs', { headers });
    expect(after.status).toBe(401);
    expect(await after.text()).toContain('was revoked');
  });

  it('is of no use to another site', async () => {
    const cookie = cookieOf(await signIn({ key: firstKey() }));
    const forged: Record<string, string>[] = [
      { cookie },
      { cookie, ...PAGE, 'sec-fetch-site': 'cross-site' },
      { cookie, ...PAGE, 'sec-fetch-site': 'same-site' },
      { cookie, ...PAGE, origin: 'http://127.0.0.1:1' },
    ];
    for (const headers of forged) {
      for (const path of ['/console/session', '/console/api/v1/runs']) {
        expect([headers, (await ask(path, { headers })).status]).toEqual([headers, 403]);
      }
      const posted = { ...headers, 'content-type': 'application/json' };
      const body = JSON.stringify({ key: firstKey() });
      expect((await ask('/console/session', { method: 'POST', headers: posted, body })).status).toBe(403);
    }
    // A browser asks for leave first, and gets none for requests that carry cookies.
    const preflight = await ask('/console/api/v1/runs', {
      method: 'OPTIONS',
      headers: {
        origin: 'http://127.0.0.1:1',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-errand-console',
      },
    });
    expect(preflight.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('shows nothing of another organization', async () => {
    await server.api('/organizations', { method: 'POST', body: { slug: 'other' }, key: firstKey() });
    const made = await server.api('/keys', {
      method: 'POST',
      body: { name: 'k', scopes: ['run', 'manage'], organization: 'other' },
      key: firstKey(),
    });
    const cookie = cookieOf(await signIn({ key: String(made.body['key']) }));
    const run = await server.api('/runs', {
      method: 'POST',
      body: { workflow_id: 'greet', input: { name: 'Ada' } },
      key: firstKey(),
    });
    const unknown = 'run_00000000-0000-7000-8000-000000000000';
    const [theirs, none] = await Promise.all(
      [String(run.body['run_id']), unknown].map(async (id) => {
        const response = await ask(`/console/api/v1/runs/${id}`, { headers: { ...PAGE, cookie } });
        return [response.status, (await response.text()).replace(id, 'ID')];
      }),
    );
    expect(theirs).toEqual(none);
    expect(theirs?.[0]).toBe(404);
  });
});

describe('the page of the console', () => {
  it('is at the address of each screen, and may load nothing from elsewhere', async () => {
    for (const path of ['/console', '/console/', '/console/runs', '/console/runs/run_1', '/console/a/b/c']) {
      const response = await ask(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(await response.text()).toContain('<base href="/console/" />');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    for (const path of ['/console/assets/none.js', '/console/api/none', '/console/api/v1/none', '/console/session/x']) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
  });

  it('loads files that browsers may keep', async () => {
    const page = await (await ask('/console')).text();
    const names = [...page.matchAll(/"\.\/(assets\/[^"]+)"/g)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      const response = await ask(`/console/${name}`);
      expect([name, response.status]).toEqual([name, 200]);
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(response.headers.get('cache-control')).toContain('immutable');
      const plain = await ask(`/console/${name}`, { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.has('content-encoding')).toBe(false);
      expect(await plain.text()).toBe(await response.text());
    }
  });
});

it('behind a proxy that adds a path, the page and its cookie are those of the outside', async () => {
  const store = await openSqliteStore({ path: ':memory:' });
  const secrets = { derive: () => Buffer.alloc(32) };
  const parts = wireConsole({ store, clock: nodeClock, secrets, trustedProxies: [] });
  if (parts === null) throw new Error('dist/console is missing: npm run build');
  const fixture = await startFixture({ publicUrl: 'https://errand.example/tools', console: parts });
  try {
    expect(await (await fetch(`${fixture.url}/console/runs`)).text()).toContain('<base href="/tools/console/" />');
    const out = await fetch(`${fixture.url}/console/session`, { method: 'DELETE', headers: PAGE });
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-errand-console=; Max-Age=0; Path=\/; .*; Secure$/);
  } finally {
    await fixture.close();
    await store.close();
  }
});
