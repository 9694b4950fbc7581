import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';
import { type Place, TokenEndpoint } from './token-endpoint.js';

const CLIENT_SECRET = 'client-canary-1-Zk8Vd';
const flow = (id: string, secret: string, grant: string, url: string): string => `
id: ${id}
name: ${id}
description: Uses a secret that renews itself.
secrets: [${secret}]
nodes:
  - id: use
    kind: http
    with: { url: '${url}/', headers: { authorization: 'Bearer {{ secrets.${secret} }}', x-grant: ${grant} } }
`;

let folder: string;
let endpoint: TokenEndpoint;
let server: ServerProcess;
const said: string[] = [];

async function start(): Promise<void> {
  const env = { ERRAND_OUTBOUND_ALLOW: '127.0.0.1', ERRAND_LOG_LEVEL: 'debug', ERRAND_MAX_CRASHES: '0' };
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
}

async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  await server.end(signal);
  said.push(server.output);
}

async function setSecret(name: string, kind: string, more: object): Promise<void> {
  const value = JSON.stringify({ token_url: `${endpoint.url}/token`, client_id: 'errand', ...more });
  const { status } = await server.api(`/secrets/${name}`, { method: 'PUT', body: { kind, value } });
  expect(status).toBe(200);
}

const signIn = (): Promise<void> => setSecret('mail', 'oauth2_refresh_token', { refresh_token: endpoint.signIn() });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-renewal-crash-'));
  said.length = 0;
  endpoint = new TokenEndpoint();
  await endpoint.start();
  mkdirSync(join(folder, 'workflows'));
  const write = (id: string, secret: string, grant: string): void =>
    writeFileSync(join(folder, 'workflows', `${id}.yaml`), flow(id, secret, grant, endpoint.url));
  write('by_client', 'crm', 'client_credentials');
  write('by_refresh', 'mail', 'refresh_token');
  await start();
  await setSecret('crm', 'oauth2_client_credentials', { client_secret: CLIENT_SECRET });
  await signIn();
}, 60_000);
afterEach(async () => {
  await server.end('SIGKILL');
  endpoint.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The ends of runs that go on under the next server, once one was killed as the renewal of one had come so far. */
async function killAt(place: Place, options: { readonly flows: readonly string[]; readonly afterMs?: number }) {
  const { flows, afterMs = 0 } = options;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const killed = new Promise<void>((resolve) => {
    endpoint.onReach = (reached, grant) => {
      if (reached !== place || !flows.some((id) => grant.startsWith(id.replace('by_', '')))) return undefined;
      endpoint.onReach = () => undefined;
      const killing = begun.then(() => pause(afterMs)).then(() => end('SIGKILL'));
      void killing.then(resolve);
      return killing;
    };
  });
  const runs = await Promise.all(flows.map((id) => startRun(server, id)));
  begin();
  await killed;
  await start();
  return Promise.all(runs.map((run) => waitForEnd(server, run)));
}

function expectNoCanary(runs: readonly ApiRun[]): void {
  const files = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, 'data', name))
    .filter((file) => statSync(file).isFile());
  expect(files.length).toBeGreaterThan(2);
  const texts = [...files.map((file) => readFileSync(file, 'latin1')), ...said, JSON.stringify(runs)];
  for (const text of texts) expect(text.match(/(?:client|refresh|token)-canary-.{3}/)?.[0]).toBeUndefined();
}

it('secrets that renew themselves go on after a server was killed at any moment of a renewal', async () => {
  const flows = ['by_client', 'by_refresh'];
  const ends: ApiRun[] = [];
  for (const place of ['asked', 'given', 'used'] as const) ends.push(...(await killAt(place, { flows })));
  // About when the refresh token that came is kept, or is not yet.
  for (const afterMs of [0, 1, 3, 8]) ends.push(...(await killAt('answered', { flows: ['by_refresh'], afterMs })));
  expect(ends.map(({ status, error }) => [status, error])).toEqual(ends.map(() => ['completed', null]));
  expect(endpoint.refusals).toBe(0);
  expect(endpoint.used.length).toBeGreaterThanOrEqual(ends.length);
  await end('SIGTERM');
  expectNoCanary(ends);
}, 180_000);

it('a refresh token that is good once is lost only where the server dies before it keeps the next, and that is said', async () => {
  endpoint.isStrict = true;
  const [used] = await killAt('used', { flows: ['by_refresh'] });
  expect(used?.status).toBe('completed');
  expect(endpoint.refusals).toBe(0);
  const [lost] = await killAt('given', { flows: ['by_refresh'] });
  expect(lost).toMatchObject({ status: 'failed', error: { kind: 'secret_unavailable' } });
  expect(lost?.error?.message).toContain('errand secrets set mail --kind oauth2_refresh_token');
  await signIn();
  const retried = await server.api(`/runs/${lost?.run_id}/retry`, { method: 'POST', body: {} });
  expect(retried.status).toBe(200);
  const healed = await waitForEnd(server, String(lost?.run_id));
  expect(healed.status).toBe('completed');
  await end('SIGTERM');
  expectNoCanary([...(used === undefined ? [] : [used]), healed]);
}, 120_000);
