import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

let folder: string;
let server: ServerProcess;
let crm: Server;
let bearer = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-secrets-'));
  crm = createServer((request, response) => {
    bearer = String(request.headers.authorization);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"Ada"}');
  });
  await new Promise<void>((resolve) => crm.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;
  const page = readFileSync(join(repository, 'docs', 'secrets.md'), 'utf8');
  const shown = (/```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '').replace('https://crm.example.com', address);
  mkdirSync(join(folder, 'workflows'));
  mkdirSync(join(folder, 'mounted'));
  writeFileSync(join(folder, 'workflows', 'crm_contact.yaml'), shown);
  const outer = `id: outer\nname: Outer\ndescription: Runs another.\nnodes: [{ id: sub, kind: workflow, workflow: crm_contact, with: { id: '7' } }]\n`;
  writeFileSync(join(folder, 'workflows', 'outer.yaml'), outer);
  const env = { ERRAND_SECRETS_DIR: join(folder, 'mounted'), ERRAND_WORKFLOW_SECRET_CRM_TOKEN: 'from the environment' };
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
}, 30_000);
afterAll(async () => {
  await server.end('SIGKILL');
  crm.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, body: object, key = KEY) => server.api(`/secrets/${name}`, { method: 'PUT', body, key });
const find = async (): Promise<string> => {
  const run = await waitForEnd(server, await startRun(server, 'crm_contact', { id: '7' }));
  expect(run).toMatchObject({ status: 'completed', output: { name: 'Ada' } });
  return bearer;
};

async function newKey(scopes: readonly string[], organization?: string): Promise<string> {
  const body = { name: 'k', scopes, ...(organization === undefined ? {} : { organization }) };
  return String((await server.api('/keys', { method: 'POST', body })).body['key']);
}

describe('the example of docs/secrets.md', () => {
  it('uses the first value that there is: its own, that for all, a file, the environment', async () => {
    expect(await find()).toBe('Bearer from the environment');
    writeFileSync(join(folder, 'mounted', 'crm_token'), 'from the file\n');
    expect(await find()).toBe('Bearer from the file');
    expect((await put('crm_token', { value: 'kept for all', for_all: true })).body).toMatchObject({ source: 'all' });
    expect(await find()).toBe('Bearer kept for all');
    const { body } = await put('crm_token', { value: 'kept for one' });
    expect(body).toMatchObject({ name: 'crm_token', source: 'organization', workflows: ['crm_contact'] });
    expect(JSON.stringify(body)).not.toContain('kept for one');
    expect(await find()).toBe('Bearer kept for one');
    expect((await server.api('/secrets/crm_token', { method: 'DELETE' })).status).toBe(204);
    expect(await find()).toBe('Bearer kept for all');
    expect((await server.api('/secrets/crm_token?for_all=true', { method: 'DELETE' })).status).toBe(204);
    expect((await server.api('/secrets/crm_token', { method: 'DELETE' })).status).toBe(404);
    expect((await server.api('/secrets')).body).toMatchObject({ secrets: [{ name: 'crm_token', source: 'file' }] });
  });

  it('cannot be started with a value that is too short, nor can what runs it', async () => {
    writeFileSync(join(folder, 'mounted', 'crm_token'), 'short');
    for (const workflowId of ['crm_contact', 'outer']) {
      const { body } = await server.api(`/workflows/${workflowId}`);
      expect(body).toMatchObject({
        ready: false,
        not_ready_because: 'The secret crm_token has fewer than 8 characters.',
      });
    }
    rmSync(join(folder, 'mounted', 'crm_token'));
    expect((await server.api('/workflows/outer')).body).toMatchObject({ ready: true });
  });
});

describe('secrets over REST', () => {
  it.each([
    ['Upper', { value: 'long enough' }, '/name'],
    ['ok', { value: 'short' }, '/value'],
    ['ok', { value: 'x'.repeat(50_001) }, '/value'],
    ['ok', {}, 'value'],
    ['ok', { value: 'long enough', for_all: true, organization: 'default' }, '/organization'],
  ])('refuse %s with %j', async (name, body, path) => {
    const refused = await put(name, body);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain(path);
  });

  it('are set by keys that manage, for all by keys that operate, and are apart for each organization', async () => {
    const runner = await newKey(['run']);
    expect((await put('other', { value: 'long enough' }, runner)).status).toBe(403);
    expect((await server.api('/secrets', { key: runner })).status).toBe(403);
    const manager = await newKey(['manage']);
    expect((await put('other', { value: 'long enough', for_all: true }, manager)).status).toBe(403);
    expect((await put('other', { value: 'long enough' }, manager)).status).toBe(200);
    await server.api('/organizations', { method: 'POST', body: { slug: 'acme', monthly_credits: 5 } });
    const stranger = await newKey(['manage'], 'acme');
    const { body } = await server.api('/secrets', { key: stranger });
    expect((body['secrets'] as { name: string }[]).map(({ name }) => name)).toEqual(['crm_token']);
    expect((await server.api('/secrets/other', { method: 'DELETE', key: stranger })).status).toBe(404);
  });
});

describe('errand secrets', () => {
  const env = () => ({ ERRAND_URL: server.url, ERRAND_API_KEY: KEY });

  it('sets, lists and removes', async () => {
    const set = await runCommand(['secrets', 'set', 'signing_key', '--all'], {
      env: env(),
      stdin: 'line one\nline two\n',
    });
    expect(set).toMatchObject({ code: 0, out: 'Set the secret signing_key.\n' });
    const own = await runCommand(['secrets', 'set', 'own_key'], { env: env(), stdin: 'long enough' });
    expect(own.code).toBe(0);
    const listed = await runCommand(['secrets'], { env: env() });
    expect(listed.out).toContain('own_key');
    expect(listed.out).toMatch(/crm_token +environment/);
    expect((await runCommand(['secrets', 'remove', 'own_key'], { env: env() })).code).toBe(0);
    expect((await runCommand(['secrets', 'remove', 'signing_key', '--all'], { env: env() })).code).toBe(0);
  });

  it('says what is wrong', async () => {
    expect((await runCommand(['secrets', 'set', 'own_key'], { env: env(), stdin: '' })).err).toContain('no value');
    expect((await runCommand(['secrets', 'set', 'Own'], { env: env(), stdin: 'long enough' })).err).toContain('name');
    expect((await runCommand(['secrets', 'remove', 'nothing'], { env: env() })).code).not.toBe(0);
  });
});
