import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiRunListItem } from '../../src/api/api-types.js';
import type { ApiBulkJob, ApiBulkPreview, ApiBulkRequest } from '../../src/api/bulk-types.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';
import { waitForTagged } from '../support/server/server-runs.js';

const page = readFileSync(join(repository, 'docs', 'many-runs.md'), 'utf8');

const WORKFLOWS = {
  paid: `
id: paid
name: Paid
description: Costs two credits.
credits: 2
input: { type: object, properties: { n: { type: integer } } }
nodes:
  - { id: say, kind: transform, with: '{{ input.n }}' }
`,
  broken: `
id: broken
name: Broken
description: Fails.
credits: 3
nodes:
  - { id: count, kind: transform, with: "{{ $number('x') }}" }
`,
  sleepy: `
id: sleepy
name: Sleepy
description: Waits.
credits: 1
nodes:
  - { id: nap, kind: wait, for: 1h }
`,
  parent: `
id: parent
name: Parent
description: Starts another.
nodes:
  - { id: child, kind: workflow, workflow: paid, with: { n: 1 } }
`,
};

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-bulk-'));
  for (const [name, text] of Object.entries(WORKFLOWS)) writeFileSync(join(folder, `${name}.yaml`), text);
  await serve();
  await call('PUT', '/organizations/default/credits', { monthly_credits: 1_000_000 });
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<void> {
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
}

const call = (method: string, path: string, body?: unknown, key = KEY) =>
  server.api(path, { method, key, ...(body === undefined ? {} : { body }) });

async function startRuns(workflowId: string, count: number, tag: string): Promise<void> {
  const runs = Array.from({ length: count }, (_, n) => ({
    workflow_id: workflowId,
    input: workflowId === 'paid' ? { n } : {},
    tags: [tag],
  }));
  expect((await call('POST', '/runs/batch', { runs })).body).toMatchObject({ started: count });
}

/** All runs that a tag finds, once as many as that have come to stand so. */
const runsOf = (tag: string, count: number, stands: (run: ApiRunListItem) => boolean) =>
  waitForTagged(() => server, tag, { count, stands });
const hasEnded = ({ terminal }: ApiRunListItem) => terminal;

async function start(body: ApiBulkRequest, status = 201): Promise<ApiBulkJob> {
  const answer = await call('POST', '/bulk-jobs', body);
  expect(answer).toMatchObject({ status });
  return answer.body as unknown as ApiBulkJob;
}

async function preview(body: ApiBulkRequest): Promise<ApiBulkPreview> {
  return (await call('POST', '/bulk-jobs/preview', body)).body as unknown as ApiBulkPreview;
}

const show = async (id: string) => (await call('GET', `/bulk-jobs/${id}`)).body as unknown as ApiBulkJob;

function untilOver({ id }: ApiBulkJob): Promise<ApiBulkJob> {
  return vi.waitFor(
    async () => {
      const job = await show(id);
      expect(job.status).not.toBe('running');
      return job;
    },
    { timeout: 60_000, interval: 100 },
  );
}

async function credits(): Promise<{ used: number; reserved: number }> {
  const { body } = await call('GET', '/credits');
  return { used: body['used_this_month'] as number, reserved: body['reserved'] as number };
}

const errand = (...args: string[]) =>
  runCommand([...args, '--url', server.url, '--api-key', KEY], { env: { NO_COLOR: '1' } });

describe('a bulk job', () => {
  it('cancels all that has not ended, with the reason, and releases what was reserved', async () => {
    await startRuns('sleepy', 45, 'naps');
    await startRuns('sleepy', 2, 'others');
    const before = await credits();
    const wanted = { action: 'cancel', filter: { tags: ['naps'] }, reason: 'wrong list' } as const;
    expect(await preview(wanted)).toMatchObject({ runs: 45, has_more: false, skipped: 0, credits_released: 45 });
    const job = await start(wanted);
    expect(job).toMatchObject({ status: 'running', expected_runs: 45, filter: { status: ['pending', 'running'] } });
    expect(await untilOver(job)).toMatchObject({ status: 'completed', done: 45, skipped: 0, refused: 0, refusals: [] });
    await runsOf('naps', 45, ({ status }) => status === 'cancelled');
    await runsOf('others', 2, ({ terminal }) => !terminal);
    expect((await credits()).reserved).toBe(before.reserved - 45);
    const [run] = await runsOf('naps', 45, hasEnded);
    const events = await call('GET', `/runs/${run?.run_id}/events`);
    expect(JSON.stringify(events.body)).toContain('wrong list');
  });

  it('retries what has failed, each run once', async () => {
    await startRuns('broken', 30, 'broken');
    await runsOf('broken', 30, ({ status }) => status === 'failed');
    const wanted = { action: 'retry', filter: { status: 'failed', workflow_id: 'broken' } } as const;
    expect(await preview(wanted)).toMatchObject({
      runs: 30,
      by_status: { failed: 30 },
      by_workflow: [{ workflow_id: 'broken', runs: 30 }],
      credits_reserved: 90,
    });
    expect(await untilOver(await start(wanted))).toMatchObject({ done: 30, skipped: 0, refused: 0 });
    await runsOf('broken', 30, ({ status, retries }) => status === 'failed' && retries === 1);
  });

  it('does something to the runs that are named, and to no others', async () => {
    await startRuns('broken', 3, 'named');
    await startRuns('sleepy', 1, 'named');
    const found = await runsOf('named', 4, ({ status, workflow_id: id }) => status === 'failed' || id === 'sleepy');
    const [first, second] = found.filter(({ terminal }) => terminal).map(({ run_id: id }) => id);
    const asleep = found.find(({ terminal }) => !terminal)?.run_id ?? '';
    const run_ids = [first ?? '', second ?? '', asleep, `run_${crypto.randomUUID()}`];
    const wanted = { action: 'retry', filter: { run_ids } } as const;
    expect(await preview(wanted)).toMatchObject({ runs: 2, has_more: false, credits_reserved: 6 });
    const job = await start(wanted);
    expect(new Set(job.filter.run_ids)).toEqual(new Set(run_ids));
    expect(await untilOver(job)).toMatchObject({ expected_runs: 2, done: 2, skipped: 0, refused: 0 });
    const now = await runsOf('named', 4, ({ status, workflow_id: id }) => status === 'failed' || id === 'sleepy');
    const retried = now.flatMap((run) => (run.retries === 1 ? [run.run_id] : []));
    expect(new Set(retried)).toEqual(new Set([first, second]));

    expect((await errand('bulk', 'start', 'cancel', '--run', asleep)).out).toContain('1 runs to cancel.');
    const both = { action: 'cancel', filter: { run_ids: [asleep], workflow_id: 'sleepy' } };
    expect(await call('POST', '/bulk-jobs/preview', both)).toMatchObject({ status: 400 });
    const none = { action: 'cancel', filter: { run_ids: ['nap'] } };
    expect(await call('POST', '/bulk-jobs/preview', none)).toMatchObject({ status: 400 });
  });

  it('repeats each run once, however often the server is killed meanwhile, and leaves out what runs have started', async () => {
    await startRuns('paid', 300, 'grades');
    await startRuns('parent', 1, 'grades');
    const earlier = await runsOf('grades', 301, hasEnded);
    const before = await credits();
    const wanted = { action: 'rerun', filter: { tags: ['grades'] }, idempotency_key: 'again' } as const;
    expect(await preview(wanted)).toMatchObject({ runs: 301, credits_reserved: 600 });
    const job = await start(wanted);
    for (let kills = 0; kills < 2; kills += 1) {
      const seen = await show(job.id);
      await vi.waitFor(
        async () => {
          const { done, status } = await show(job.id);
          expect(done > seen.done || status === 'completed').toBe(true);
        },
        { timeout: 60_000, interval: 5 },
      );
      await server.end('SIGKILL');
      await serve();
    }
    expect(await start(wanted, 200)).toMatchObject({ id: job.id });
    expect(await untilOver(job)).toMatchObject({ status: 'completed', done: 301, skipped: 0, refused: 0 });
    const all = await runsOf('grades', 602, hasEnded);
    const repeated = all.flatMap((run) => (run.rerun_of === null ? [] : [run.rerun_of.run_id]));
    expect(new Set(repeated)).toEqual(new Set(earlier.map(({ run_id: runId }) => runId)));
    expect(repeated).toHaveLength(301);
    await vi.waitFor(async () => expect(await credits()).toEqual({ ...before, used: before.used + 602 }));

    const children = await preview({ action: 'rerun', filter: { workflow_id: 'paid' } });
    expect(children).toMatchObject({ runs: 600, skipped: 2 });
  });

  it('tells why runs were refused, and goes on with the others', async () => {
    await startRuns('paid', 4, 'refused');
    await runsOf('refused', 4, hasEnded);
    writeFileSync(join(folder, 'paid.yaml'), WORKFLOWS.paid.replace('n: { type', 'n: { maximum: 1, type'));
    await vi.waitFor(async () => {
      expect((await call('GET', '/workflows/paid')).body).toMatchObject({ version: 2 });
    });
    const job = await untilOver(await start({ action: 'rerun', filter: { tags: ['refused'] } }));
    expect(job).toMatchObject({ status: 'completed', done: 2, refused: 2 });
    expect(job.refusals).toHaveLength(2);
    expect(job.refusals[0]).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('n') as string });
    const same = await untilOver(
      await start({ action: 'rerun', filter: { tags: ['refused'], workflow_id: 'paid' }, same_version: true }),
    );
    expect(same).toMatchObject({ refused: 0, done: 6 });
  });

  it('is stopped, listed, audited and not there for others', async () => {
    await startRuns('sleepy', 3, 'stop');
    const job = await untilOver(await start({ action: 'cancel', filter: { tags: ['stop'] } }));
    expect(await call('POST', `/bulk-jobs/${job.id}/stop`, {})).toMatchObject({ status: 409 });
    const listed = (await call('GET', '/bulk-jobs')).body['bulk_jobs'] as ApiBulkJob[];
    expect(listed[0]).toEqual(job);
    const { body: audit } = await call('GET', '/audit?limit=100');
    const entries = (audit['entries'] as { action: string; target: { id: string } }[]).filter(
      ({ action, target }) => action === 'bulk_job.start' && target.id === job.id,
    );
    expect(entries).toHaveLength(1);
    await call('POST', '/organizations', { slug: 'other', name: 'Other', monthly_credits: 10 });
    const { body: made } = await call('POST', '/keys', { name: 'other', organization: 'other', scopes: ['run'] });
    const key = made['key'] as string;
    expect(await call('GET', `/bulk-jobs/${job.id}`, undefined, key)).toMatchObject({ status: 404 });
    expect(await call('POST', `/bulk-jobs/${job.id}/stop`, {}, key)).toMatchObject({ status: 404 });
    expect((await call('GET', '/bulk-jobs', undefined, key)).body).toEqual({ bulk_jobs: [] });
    const wanted = { action: 'rerun', filter: {} };
    expect((await call('POST', '/bulk-jobs/preview', wanted, key)).body).toMatchObject({ runs: 0 });
    const [theirs] = (await call('GET', '/runs?status=failed')).body['runs'] as ApiRunListItem[];
    const named = { action: 'retry', filter: { run_ids: [theirs?.run_id] } };
    expect((await call('POST', '/bulk-jobs/preview', named)).body).toMatchObject({ runs: 1 });
    expect((await call('POST', '/bulk-jobs/preview', named, key)).body).toMatchObject({ runs: 0 });
    const { body: read } = await call('POST', '/keys', { name: 'reader', scopes: ['read'] });
    expect(await call('POST', '/bulk-jobs', wanted, read['key'] as string)).toMatchObject({ status: 403 });
  });

  it.each([
    [{ action: 'cancel', filter: { status: 'failed' } }, 'cancel is for runs that are pending, running'],
    [{ action: 'retry', filter: { status: ['failed', 'completed'] } }, 'holds completed'],
    [{ action: 'retry', filter: {}, reason: 'x' }, 'is for cancel alone'],
    [{ action: 'cancel', filter: {}, same_version: true }, 'is for rerun alone'],
    [{ action: 'delete', filter: {} }, '/action'],
    [{ action: 'cancel' }, 'filter'],
    [{ action: 'rerun', filter: { fields: { 'input.none': '1' } } }, 'is no field to find runs by'],
    [{ action: 'rerun', filter: { created_from: 'today' } }, 'RFC 3339'],
    [{ action: 'rerun', filter: { tag: 'x' } }, '/filter/tag'],
  ])('is refused for what cannot be: %j', async (body, message) => {
    for (const path of ['/bulk-jobs', '/bulk-jobs/preview']) {
      const refused = await call('POST', path, body);
      expect(refused.status).toBe(400);
      expect(JSON.stringify(refused.body)).toContain(message);
    }
  });

  it('is previewed, started and watched by an assistant', async () => {
    await startRuns('sleepy', 5, 'mcp');
    const client = new Client({ name: 'test', version: '1' });
    const headers = { Authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    const ask = async (name: string, args: Record<string, unknown>) =>
      (await client.callTool({ name, arguments: args })).structuredContent;
    try {
      const wanted = { action: 'cancel', tags: ['mcp'], reason: 'enough' };
      expect(await ask('preview_bulk_job', wanted)).toMatchObject({ runs: 5, credits_released: 5 });
      const started = await ask('start_bulk_job', { ...wanted, idempotency_key: 'mcp' });
      const { id } = started as { id: string };
      expect(await ask('start_bulk_job', { ...wanted, idempotency_key: 'mcp' })).toMatchObject({ id });
      await vi.waitFor(async () => {
        expect(await ask('get_bulk_job', { job_id: id })).toMatchObject({ status: 'completed', done: 5 });
      });
      expect(await ask('stop_bulk_job', { job_id: id })).toMatchObject({ error: { code: 'conflict' } });
    } finally {
      await client.close();
    }
  });
});

describe('docs/many-runs.md', () => {
  it('shows commands that preview, start and list a bulk job', async () => {
    const commands = [...page.matchAll(/^errand (bulk.*)$/gm)].map(([, line = '']) => line.split(' '));
    expect(commands.length).toBeGreaterThan(2);
    writeFileSync(join(folder, 'grade.yaml'), /```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '');
    await vi.waitFor(async () => expect((await call('GET', '/workflows/grade')).status).toBe(200));
    const told: string[] = [];
    for (const command of commands) {
      const { code, out, err } = await errand(...command);
      expect({ command, code, err }).toMatchObject({ code: 0 });
      told.push(out);
    }
    expect(told[0]).toContain('runs to retry');
    expect(told[1]).toContain('Bulk job');
    expect(told.at(-1)).toContain('completed');
  });

  it('shows a request that is taken as it stands', async () => {
    const shown = /bulk-jobs[\s\S]+?-d '(\{[\s\S]+?\})'/.exec(page)?.[1] ?? '';
    expect(await start(JSON.parse(shown) as ApiBulkRequest)).toMatchObject({ action: 'retry' });
  });
});
