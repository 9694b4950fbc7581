import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { NO_USAGE } from '../../src/core/models/models.js';
import type { Run } from '../../src/core/run/run.js';
import { openRecordedServices, type RecordedServices } from '../support/runs/recorded-services.js';
import { CREATED_AT, sampleNode, sampleRun, sampleWorkflow } from '../support/runs/sample-records.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';

const caller = { organizationId: 'org-a', keyId: 'k', scopes: ['read'] } as const;
const asked = { workflowId: 'site_checkup' };

describe('an estimate', () => {
  let services: RecordedServices;
  beforeAll(async () => {
    services = await openRecordedServices([sampleWorkflow(), sampleWorkflow({ id: 'other' })]);
  });
  afterAll(() => services.close());

  /** A run that took so many seconds and cost as many credits. */
  const put = (seconds: number, changes: Partial<Run> = {}): Promise<Run> => {
    const startedAt = CREATED_AT + 1_000;
    const ended = { status: 'completed', startedAt, completedAt: startedAt + seconds * 1_000 } as const;
    return services.put(sampleRun({ id: newId(), ...ended, creditsConsumed: seconds, ...changes }));
  };

  it('rests on no run where none has completed', async () => {
    await put(99, { status: 'failed' });
    await put(99, { workflowId: 'other' });
    await put(99, { organizationId: 'org-b' });
    await put(99, { rerunOf: { runId: newId(), fromNode: 'seo' } });
    expect(await services.estimateWorkflow(caller, asked)).toEqual({
      workflowId: 'site_checkup',
      runs: 0,
      since: null,
      creditsReserved: 25,
      durationMs: null,
      credits: null,
      costMicros: null,
      unpricedRuns: 0,
    });
  });

  it('tells time, credits and cost of the latest hundred that completed, wholly or in part', async () => {
    const used = (costMicros: number, unpricedCalls: number) => [
      sampleNode('crawl', { usage: { ...NO_USAGE, calls: 1, costMicros, unpricedCalls } }),
    ];
    await put(1_000);
    for (let seconds = 1; seconds <= 100; seconds += 1) {
      const isWhole = seconds % 2 === 0;
      await put(seconds, {
        ...(isWhole ? {} : { status: 'partial_complete' }),
        nodes: used(seconds * 10, seconds > 95 ? 1 : 0),
        ...(seconds === 7 ? { rerunOf: { runId: newId(), fromNode: null } } : {}),
      });
    }
    expect(await services.estimateWorkflow(caller, asked)).toMatchObject({
      runs: 100,
      since: CREATED_AT,
      durationMs: { p50: 50_000, p90: 90_000, max: 100_000 },
      credits: { p50: 50, p90: 90, max: 100 },
      costMicros: { p50: 500, p90: 900, max: 1_000 },
      unpricedRuns: 5,
    });
  });

  it('needs a workflow that there is, and a key that may read', async () => {
    await expect(services.estimateWorkflow(caller, { workflowId: 'nope' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const stranger = { ...caller, scopes: [] };
    await expect(services.estimateWorkflow(stranger, asked)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('an estimate from outside', () => {
  const page = readFileSync(join(repository, 'docs', 'many-runs.md'), 'utf8');
  let folder: string;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-estimate-'));
    const shown = /```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
    writeFileSync(join(folder, 'grade.yaml'), shown.replace('description:', 'credits: 2\ndescription:'));
    server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the fields that docs/many-runs.md shows, over REST, at the command line and for assistants', async () => {
    const env = { ERRAND_URL: server.url, ERRAND_API_KEY: KEY };
    const errand = (...args: string[]) => runCommand(['workflows', 'estimate', 'grade', ...args], { env });
    expect((await errand()).err).toContain('No run has completed yet. A run reserves 2 credits.');
    for (let n = 0; n < 3; n += 1) {
      const run = { workflow_id: 'grade', input: { points: 93 }, wait_seconds: 20 };
      expect((await server.api('/runs', { method: 'POST', key: KEY, body: run })).body).toMatchObject({
        terminal: true,
      });
    }
    const { body } = await server.api('/workflows/grade/estimate', { method: 'GET', key: KEY });
    const shown = JSON.parse(/```json\n(\{[\s\S]+?\n\})/.exec(page)?.[1] ?? '') as object;
    expect(Object.keys(body)).toEqual(Object.keys(shown));
    expect(body).toMatchObject({
      runs: 3,
      credits: { p50: 2, p90: 2, max: 2 },
      cost_usd: { max: 0 },
      credits_reserved: 2,
    });
    expect(JSON.parse((await errand('--json')).out)).toEqual(body);
    const { out, err } = await errand();
    expect(out).toMatch(/credits +2 +2 +2/);
    expect(err).toContain('By the latest 3 that completed. A run reserves 2 credits.');
    const client = new Client({ name: 'test', version: '1' });
    const headers = { Authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    const told = await client.callTool({ name: 'estimate_workflow', arguments: { workflow_id: 'grade' } });
    await client.close();
    expect(told.structuredContent).toEqual(body);
  });
});
