import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiCreditMovement } from '../../src/api/credit-types.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-credits-page-'));
  const page = readFileSync(join(repository, 'docs', 'credits.md'), 'utf8');
  for (const [, text = '', id = ''] of page.matchAll(/```yaml\n(id: (\w+)\n[\s\S]+?)```/g))
    writeFileSync(join(folder, `${id}.yaml`), text);
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
}, 30_000);
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const customers = (count: number) => ({ customers: Array.from({ length: count }, (_, n) => `customer ${n}`) });

describe('the price by use of docs/credits.md', () => {
  it('is reserved to its ceiling and settled to what was used', async () => {
    const run = await waitForEnd(server, await startRun(server, 'letters', customers(7)));
    expect(run).toMatchObject({ status: 'completed', credits_reserved: 60, credits_consumed: 6 });
    const { body } = await server.api('/credits/movements');
    const own = (body['movements'] as ApiCreditMovement[]).filter(({ run_id }) => run_id === run.run_id);
    expect(own.map(({ kind, reserved_delta, used_delta }) => [kind, reserved_delta, used_delta])).toEqual([
      ['settle', -60, 6],
      ['reserve', 60, 0],
    ]);
    expect((await server.api('/credits')).body).toMatchObject({ reserved: 0, used_this_month: 6 });
  });

  it('begins nothing that its ceiling does not cover', async () => {
    const run = await waitForEnd(server, await startRun(server, 'letters', customers(200)));
    expect(run).toMatchObject({ status: 'failed', credits_consumed: 0, error: { kind: 'budget_exceeded' } });
  });

  it('is told before anything is spent, over REST, at the command line and to assistants', async () => {
    const price = { base: 2, per_item: 0.5, per_1k_tokens: 0, max: 60, nodes: [] };
    expect((await server.api('/workflows/letters')).body).toMatchObject({ credits: 60, price });
    expect((await server.api('/workflows/research')).body).toMatchObject({ credits: 10, price: null });
    const env = { ERRAND_URL: server.url, ERRAND_API_KEY: KEY };
    const { out } = await runCommand(['workflows', 'show', 'letters'], { env });
    expect(out).toContain('2 credits, 0.5 credits for each item, 60 at most');
    const client = new Client({ name: 'test', version: '1' });
    const headers = { Authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    const told = await client.callTool({ name: 'get_workflow', arguments: { workflow_id: 'letters' } });
    await client.close();
    expect(told.structuredContent).toMatchObject({ credit_cost: 60, price });
    expect(JSON.stringify(told.content)).toContain('Costs 2 credits, 0.5 credits for each item, 60 at most');
  });
});

describe('the shared budget of docs/credits.md', () => {
  it('lets a run start what its credits cover, and refuses the rest with budget_exceeded', async () => {
    const usedBefore = (await server.api('/credits')).body['used_this_month'] as number;
    const run = await waitForEnd(server, await startRun(server, 'campaign', { customers: ['a', 'b'] }));
    expect(run.nodes.map(({ id, status, error }) => [id, status, error?.kind ?? null])).toEqual([
      ['first', 'completed', null],
      ['second', 'completed', null],
      ['third', 'failed', 'budget_exceeded'],
    ]);
    expect(run).toMatchObject({ status: 'completed', credits_consumed: 5 });
    // 5 of the run, and 2 + 2 × 0.5 of each of the two that it started.
    const { body } = await server.api('/credits');
    expect(body).toMatchObject({ reserved: 0, used_this_month: usedBefore + 11 });
  });
});
