import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import type { ApiAuditEntry, ApiTrailCheck } from '../../src/api/audit-types.js';
import { loadBinding } from '../../src/store/sqlite/connection/binding.js';
import { SqliteConnection } from '../../src/store/sqlite/connection/connection.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

const PROVIDER_KEY = 'sk-provider-012345wxyz';
const cleanUps: (() => Promise<unknown>)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-audit-'));
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'workflows'));
  const nodes = `[{ id: ok, kind: ask, question: 'Well?', answer: { type: boolean } }]`;
  writeFileSync(join(folder, 'workflows', 'may.yaml'), `id: may\nname: May\ndescription: D.\nnodes: ${nodes}\n`);
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function serve(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

async function trailOf(server: ServerProcess, query = ''): Promise<readonly ApiAuditEntry[]> {
  const { body } = await server.api(`/audit/export${query}`);
  return body['entries'] as ApiAuditEntry[];
}

async function check(server: ServerProcess, query = ''): Promise<ApiTrailCheck> {
  return (await server.api(`/audit/verify${query}`)).body as unknown as ApiTrailCheck;
}

async function put(server: ServerProcess, path: string, body: object): Promise<void> {
  expect((await server.api(path, { method: 'PUT', body })).status).toBe(200);
}

describe('the audit trail', () => {
  it('has every change: who, from where, before and after, and no secret', async () => {
    const server = await serve({ ERRAND_TRUSTED_PROXIES: '127.0.0.1' });
    const { keys } = (await server.api('/keys')).body as { keys: { id: string }[] };
    await server.api('/organizations', { method: 'POST', body: { slug: 'acme', monthly_credits: 10 } });
    await put(server, '/organizations/acme/credits', { monthly_credits: 50 });
    const made = await server.api('/keys', { method: 'POST', body: { name: 'laptop', scopes: ['run', 'manage'] } });
    const key = String(made.body['key']);
    await put(server, '/model-credentials/openai', { key: PROVIDER_KEY });
    const hook = { name: 'hook', url: 'https://hooks.example/path-that-is-secret', events: ['run.failed'] };
    const { body: webhook } = await server.api('/webhooks', { method: 'POST', body: hook });
    await server.api(`/webhooks/${String(webhook['id'])}`, { method: 'DELETE' });
    await put(server, '/secrets/shop_key', { value: PROVIDER_KEY });
    await server.api('/secrets/shop_key', { method: 'DELETE' });
    await put(server, '/log-level', { level: 'error' });
    const runId = await startRun(server, 'may');
    const questions = async (): Promise<unknown> => {
      const { nodes } = (await server.api(`/runs/${runId}`)).body as unknown as ApiRun;
      return nodes.map(({ question }) => question?.message);
    };
    await expect.poll(questions).toEqual(['Well?']);
    const answered = await fetch(`${server.url}/api/v1/runs/${runId}/nodes/ok/answer`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'x-forwarded-for': '203.0.113.7',
      },
      body: JSON.stringify({ answer: true }),
    });
    expect(answered.status).toBe(200);
    await waitForEnd(server, runId);
    await server.api(`/keys/${String(made.body['id'])}`, { method: 'DELETE' });

    const trail = await trailOf(server);
    expect(trail.map(({ action }) => action)).toEqual([
      'organization.create',
      'key.create',
      'workflow.version',
      'key.create',
      'model_key.set',
      'webhook.create',
      'webhook.delete',
      'secret.set',
      'secret.remove',
      'log_level.set',
      'run.answer',
      'key.revoke',
    ]);
    expect(trail.map(({ seq }) => seq)).toEqual(trail.map((_, index) => index + 1));
    const answer = trail.find(({ action }) => action === 'run.answer');
    expect(answer).toMatchObject({
      actor: { kind: 'key', id: made.body['id'] },
      from: '203.0.113.7',
      target: { kind: 'run', id: runId.replace(/^run_/, '') },
      after: { node: 'ok', answer: true },
    });
    const theirs = await trailOf(server, '?organization=acme');
    expect(theirs.map(({ action }) => action)).toEqual(['organization.create', 'credits.set']);
    expect(theirs[1]).toMatchObject({
      actor: { id: keys[0]?.id },
      before: { monthly_credits: 10 },
      after: { monthly_credits: 50 },
    });
    const all = JSON.stringify([trail, theirs]);
    for (const secret of [KEY, key, PROVIDER_KEY, PROVIDER_KEY.slice(-4), 'path-that-is-secret'])
      expect(all).not.toContain(secret);
    expect((await check(server)).intact).toBe(true);
  });

  it('has reruns, and with ERRAND_AUDIT_STARTS each run that a key starts', async () => {
    const server = await serve({ ERRAND_AUDIT_STARTS: 'on' });
    const runId = await startRun(server, 'may');
    await server.api(`/runs/${runId}/cancel`, { method: 'POST', body: {} });
    const { body: again } = await server.api(`/runs/${runId}/rerun`, { method: 'POST', body: {} });
    const batch = { runs: [{ workflow_id: 'may', input: {} }] };
    expect((await server.api('/runs/batch', { method: 'POST', body: batch })).status).toBe(200);
    const trail = (await trailOf(server)).filter(({ target }) => target.kind === 'run');
    const id = runId.replace(/^run_/, '');
    const started = { workflow: 'may', version: 1 };
    expect(trail).toMatchObject([
      { action: 'run.start', target: { id }, before: null, after: started },
      {
        action: 'run.cancel',
        target: { id },
        before: expect.stringMatching(/^(pending|running)$/) as string,
        after: 'cancelled',
      },
      {
        action: 'run.rerun',
        target: { id: String(again['run_id']).replace(/^run_/, '') },
        after: { ...started, rerun_of: id, from_node: null },
      },
      { action: 'run.start', after: started },
    ]);
    expect((await check(server)).intact).toBe(true);
  });

  it('is for keys with the scope manage, each for its organization', async () => {
    const server = await serve();
    await server.api('/organizations', { method: 'POST', body: { slug: 'acme', monthly_credits: 10 } });
    const theirs = await server.api('/keys', {
      method: 'POST',
      body: { name: 'theirs', scopes: ['manage'], organization: 'acme' },
    });
    const key = String(theirs.body['key']);
    const mine = await server.api('/audit', { key });
    expect((mine.body['entries'] as ApiAuditEntry[]).map(({ action }) => action)).toEqual([
      'key.create',
      'organization.create',
    ]);
    expect((await server.api('/audit?organization=default', { key })).status).toBe(403);
    const reader = await server.api('/keys', { method: 'POST', body: { name: 'r', scopes: ['read'] } });
    expect((await server.api('/audit', { key: String(reader.body['key']) })).status).toBe(403);
    expect((await server.api('/audit/verify?head=1:x')).status).toBe(400);
  });

  it('shows that somebody has edited it, or taken entries out', async () => {
    const first = await serve();
    for (const name of ['a', 'b', 'c']) {
      await first.api('/keys', { method: 'POST', body: { name, scopes: ['read'] } });
    }
    const { head } = await check(first);
    await first.end('SIGTERM');
    const change = async (sql: string): Promise<void> => {
      const binding = await loadBinding();
      const db = new SqliteConnection({ binding, path: join(folder, 'data', 'errand.db'), durability: 'full' });
      db.run(sql);
      db.close();
    };
    await change(`UPDATE audit_entries SET fact = replace(fact, '"name":"b"', '"name":"x"')`);
    await change('DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)');

    const second = await serve();
    const { intact, faults } = await check(second, `?head=${head}`);
    expect(intact).toBe(false);
    expect(faults).toEqual([
      'Entry 5 was changed: its hash is another.',
      'Entry 6, which the trail once ended with, is missing.',
    ]);
    const verify = (...more: string[]) =>
      runCommand(['audit', 'verify', '--url', second.url, ...more], { env: { ERRAND_API_KEY: KEY } });
    expect((await verify()).code).toBe(1);
    const exported = await runCommand(['audit', 'export', '--url', second.url], { env: { ERRAND_API_KEY: KEY } });
    expect(
      exported.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as ApiAuditEntry).seq),
    ).toEqual([1, 2, 3, 4, 5]);
  });
});
