import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server/server-process.js';

const WORKFLOW = `id: tend
name: Tend
description: Works until it is cancelled.
credits: 7
nodes:
  - { id: water, kind: code, uses: './tend.mjs' }
`;
const LIMITED = `id: weed
name: Weed
description: Works until it is cancelled, one run of all at a time.
credits: 1
limits: { runs: 1 }
nodes:
  - { id: pull, kind: code, uses: './tend.mjs', resource: rake }
`;
/** Waits for an answer, and then for a server that gives none. */
const ownWorkflow = (url: string) => ({
  id: 'weed',
  name: 'Weed',
  description: "An organization's own of the same id.",
  credits: 1,
  nodes: [
    { id: 'ask', kind: 'ask', question: 'Begin?', answer: { type: 'boolean' } },
    { id: 'fetch', kind: 'http', needs: ['ask'], with: { url } },
  ],
});
const HANDLER = `export default ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
`;

describe('GET /limits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-limits-'));
  let server: ServerProcess;

  beforeAll(async () => {
    mkdirSync(join(folder, 'workflows'));
    writeFileSync(join(folder, 'workflows', 'tend.yaml'), WORKFLOW);
    writeFileSync(join(folder, 'workflows', 'tend.mjs'), HANDLER);
    writeFileSync(join(folder, 'workflows', 'weed.yaml'), LIMITED);
    writeFileSync(join(folder, 'workflows', 'resources.yaml'), 'rake: { concurrency: 2, per_hour: 50 }\nhoe: {}\n');
    server = await ServerProcess.start({
      data: join(folder, 'data'),
      workflows: join(folder, 'workflows'),
      env: { ERRAND_MAX_ACTIVE_RUNS_PER_ORGANIZATION: '9', ERRAND_CALLS_PER_MINUTE: '500' },
    });
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  const limits = async (query = '', key?: string): Promise<Record<string, unknown>> =>
    (await server.api(`/limits${query}`, key === undefined ? {} : { key })).body;
  const newKey = async (scopes: readonly string[]): Promise<string> =>
    String((await server.api('/keys', { method: 'POST', body: { name: scopes.join(), scopes } })).body['key']);

  it('has those of the server where the organization has none of its own', async () => {
    expect(await limits()).toMatchObject({
      runs: { used: 0, limit: 9, own: false, process_limit: 500 },
      nodes: { used: null, limit: null, own: false, process_limit: null },
      calls: { key: { limit: 500 }, changes: { used: 0, limit: 10 }, organization: { limit: 5_000 } },
      credits: { used: 0 },
    });
  });

  it('counts what is active, its credits and its calls', async () => {
    const change = { method: 'PATCH', body: { limits: { runs: 2, nodes: 3 } } };
    expect(await server.api('/organizations/default', change)).toMatchObject({ status: 200 });
    const runs = await Promise.all(
      [1, 2, 3].map(async () => (await server.api('/runs', { method: 'POST', body: { workflow_id: 'tend' } })).body),
    );
    await expect.poll(limits).toMatchObject({
      runs: { used: 2, limit: 2, own: true },
      nodes: { used: 2, limit: 3, own: true },
      credits: { used: 21, limit: 1_000 },
    });
    const before = await limits();
    const after = await limits();
    const usedBy = (told: Record<string, unknown>): number =>
      (told as { calls: { key: { used: number } } }).calls.key.used;
    expect(usedBy(after)).toBe(usedBy(before) + 1);
    for (const { run_id: id } of runs) await server.api(`/runs/${String(id)}/cancel`, { method: 'POST', body: {} });
    await expect.poll(limits).toMatchObject({ runs: { used: 0 }, nodes: { used: 0 } });
  });

  it('tells what is shared with all organizations, and operators how much of it is used', async () => {
    const start = async () =>
      String((await server.api('/runs', { method: 'POST', body: { workflow_id: 'weed' } })).body['run_id']);
    const [first, second] = [await start(), await start()];
    await expect.poll(limits).toMatchObject({
      workflows: [{ workflow_id: 'weed', runs: { used: 1, limit: 1 }, nodes: null }],
      resources: [
        { resource: 'rake', concurrency: { used: 1, limit: 2 }, rate: { used: 1, limit: 50, per_seconds: 3_600 } },
      ],
    });
    expect(await limits('', await newKey(['read']))).toMatchObject({
      workflows: [{ workflow_id: 'weed', runs: { used: null, limit: 1 }, nodes: null }],
      resources: [
        {
          resource: 'rake',
          concurrency: { used: null, limit: 2 },
          rate: { used: null, limit: 50, per_seconds: 3_600 },
        },
      ],
    });
    for (const id of [second, first]) await server.api(`/runs/${id}/cancel`, { method: 'POST', body: {} });
    await expect.poll(limits).toMatchObject({
      workflows: [{ runs: { used: 0 } }],
      resources: [{ concurrency: { used: 0 }, rate: { used: 1 } }],
    });
  });

  it('holds no workflow of an organization to the limits of one for all that has its id', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const workflows = [{ definition: ownWorkflow(`http://127.0.0.1:${port}/`) }];
    expect(await server.api('/publications', { method: 'POST', body: { workflows } })).toMatchObject({ status: 201 });
    await server.api('/organizations', { method: 'POST', body: { slug: 'gardeners', monthly_credits: 40 } });
    const body = { name: 'gardeners', scopes: ['read', 'run'], organization: 'gardeners' };
    const key = String((await server.api('/keys', { method: 'POST', body })).body['key']);
    const start = async (by: { key?: string }) =>
      String((await server.api('/runs', { method: 'POST', body: { workflow_id: 'weed' }, ...by })).body['run_id']);
    const statusOf = async (id: string, by: { key?: string }) => (await server.api(`/runs/${id}`, by)).body['status'];
    const nodesOf = async (id: string) => (await server.api(`/runs/${id}`)).body['nodes'];
    const cancel = (id: string, by: { key?: string }) =>
      server.api(`/runs/${id}/cancel`, { method: 'POST', body: {}, ...by });
    const shared = await start({ key });
    await expect.poll(() => statusOf(shared, { key })).toBe('running');
    const own = [await start({}), await start({})];
    for (const id of own) {
      await expect.poll(() => nodesOf(id)).toContainEqual(expect.objectContaining({ id: 'ask', status: 'waiting' }));
      const answer = { method: 'POST', body: { answer: true } };
      expect(await server.api(`/runs/${id}/nodes/ask/answer`, answer)).toMatchObject({ status: 200 });
      await expect.poll(() => nodesOf(id)).toContainEqual(expect.objectContaining({ id: 'fetch', status: 'running' }));
    }
    // Nor do they take the place of one for all.
    await cancel(shared, { key });
    const next = await start({ key });
    await expect.poll(() => statusOf(next, { key })).toBe('running');
    for (const id of own) await cancel(id, {});
    await cancel(next, { key });
    silent.close();
    silent.closeAllConnections();
  });

  it('tells of the own organization whoever may read, and of others operators alone', async () => {
    await server.api('/organizations', { method: 'POST', body: { slug: 'acme', monthly_credits: 40 } });
    expect(await limits('?organization=acme')).toMatchObject({ runs: { used: 0, limit: 9 }, credits: { limit: 40 } });
    const reader = await newKey(['read']);
    expect(await limits('', reader)).toMatchObject({ runs: { limit: 2 }, calls: { key: { used: 1 } } });
    expect(await server.api('/limits?organization=acme', { key: reader })).toMatchObject({ status: 403 });
    expect(await server.api('/limits', { key: await newKey(['manage']) })).toMatchObject({ status: 403 });
  });
});
