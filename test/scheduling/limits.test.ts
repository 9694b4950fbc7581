import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

  it('tells of the own organization whoever may read, and of others operators alone', async () => {
    await server.api('/organizations', { method: 'POST', body: { slug: 'acme', monthly_credits: 40 } });
    expect(await limits('?organization=acme')).toMatchObject({ runs: { used: 0, limit: 9 }, credits: { limit: 40 } });
    const reader = await newKey(['read']);
    expect(await limits('', reader)).toMatchObject({ runs: { limit: 2 }, calls: { key: { used: 1 } } });
    expect(await server.api('/limits?organization=acme', { key: reader })).toMatchObject({ status: 403 });
    expect(await server.api('/limits', { key: await newKey(['manage']) })).toMatchObject({ status: 403 });
  });
});
