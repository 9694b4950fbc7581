import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiSchedule } from '../../src/api/schedule-types.js';
import type { RunningServer } from '../../src/app/running-server.js';
import { startServer } from '../../src/app/server.js';
import { runCommand } from '../support/server/run-command.js';

const REPORT = `
id: weekly_report
name: Weekly report
description: Says what happened.
credits: 1
input: { type: object, required: [of], properties: { of: { type: string } }, additionalProperties: false }
nodes:
  - { id: say, kind: transform, with: 'What happened {{ input.of }}' }
`;

let folder: string;
let server: RunningServer;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-schedules-'));
  writeFileSync(join(folder, 'weekly_report.yaml'), REPORT);
  server = await startServer({ port: 0, dataDir: join(folder, 'data'), workflowsDir: folder, logLevel: 'fatal' });
  key = server.firstKey ?? '';
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(
  method: string,
  path: string,
  body?: unknown,
  { as = key, headers = {} }: { as?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const MONDAYS = { name: 'Mondays', workflow_id: 'weekly_report', cron: '0 9 * * MON', input: { of: 'last week' } };

async function make(values: object = {}): Promise<ApiSchedule> {
  const { status, body } = await call('POST', '/schedules', { ...MONDAYS, ...values });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as unknown as ApiSchedule;
}

async function newKey(scopes: readonly string[], organization?: string): Promise<string> {
  const { body } = await call('POST', '/keys', {
    name: 'k',
    scopes,
    ...(organization === undefined ? {} : { organization }),
  });
  return body['key'] as string;
}

describe('schedules over REST', () => {
  it('are made with defaults, shown, listed, changed and deleted', async () => {
    const made = await make();
    expect(made).toMatchObject({
      ...MONDAYS,
      timezone: 'UTC',
      enabled: true,
      overlap: 'skip',
      catch_up: 'none',
      jitter_seconds: 0,
      starts_at: null,
      ends_at: null,
      last: null,
    });
    expect(new Date(made.next_at ?? '').getUTCDay()).toBe(1);
    expect((await call('GET', `/schedules/${made.id}`)).body).toEqual(made);
    expect((await call('GET', '/schedules?workflow_id=weekly_report')).body['schedules']).toContainEqual(made);
    expect((await call('GET', '/schedules?workflow_id=other')).body).toEqual({ schedules: [] });
    const changed = await call('PATCH', `/schedules/${made.id}`, { enabled: false, catch_up: 'last' });
    expect(changed.body).toMatchObject({ enabled: false, catch_up: 'last', next_at: null, cron: '0 9 * * MON' });
    expect((await call('GET', `/schedules/${made.id}/times`)).body).toEqual({ times: [] });
    expect((await call('DELETE', `/schedules/${made.id}`)).status).toBe(204);
    expect((await call('GET', `/schedules/${made.id}`)).status).toBe(404);
    expect((await call('DELETE', `/schedules/${made.id}`)).status).toBe(404);
  });

  it('start a run at their time', async () => {
    const { id } = await make({ name: 'Now', cron: '* * * * * *' });
    await vi.waitFor(
      async () => {
        const { body } = await call('GET', `/schedules/${id}`);
        const { last } = body as unknown as ApiSchedule;
        expect(last?.outcome).toBe('started');
        const run = await call('GET', `/runs/${last?.run_id}?wait_seconds=5`);
        expect(run.body).toMatchObject({ status: 'completed', output: 'What happened last week' });
      },
      { timeout: 15_000, interval: 100 },
    );
    await call('DELETE', `/schedules/${id}`);
  });

  it('show their next times, and those of a pattern before it is one', async () => {
    const { id } = await make({
      name: 'Berlin',
      cron: '30 2 * * *',
      timezone: 'Europe/Berlin',
      starts_at: '2027-03-27T00:00:00Z',
    });
    const { body } = await call('GET', `/schedules/${id}/times?limit=2`);
    expect(body).toEqual({
      times: ['2027-03-27T01:30:00.000Z', '2027-03-28T01:00:00.000Z'].map((at) => ({ at, starts_at: at })),
    });
    const preview = { cron: '30 2 * * *', timezone: 'Europe/Berlin', starts_at: '2027-03-27T00:00:00Z', count: 2 };
    expect((await call('POST', '/schedules/preview', preview)).body).toEqual(body);
    await call('DELETE', `/schedules/${id}`);
  });

  it.each([
    [{ cron: '61 * * * *' }, '/cron'],
    [{ timezone: 'Mars/Olympus' }, '/timezone'],
    [{ starts_at: 'tomorrow' }, '/starts_at'],
    [{ starts_at: '2027-02-30T00:00:00Z' }, '/starts_at'],
    [{ starts_at: '2027-01-02T00:00:00Z', ends_at: '2027-01-01T00:00:00Z' }, '/ends_at'],
    [{ name: '   ' }, '/name'],
    [{ jitter_seconds: -1 }, '/jitter_seconds'],
    [{ overlap: 'maybe' }, '/overlap'],
    [{ input: { of: 7 } }, '/of'],
    [{ unknown: 1 }, ''],
  ])('with %j are refused with the place of the fault, and nothing is made', async (fault, path) => {
    const before = (await call('GET', '/schedules')).body;
    const { status, body } = await call('POST', '/schedules', { ...MONDAYS, ...fault });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(path);
    expect((await call('GET', '/schedules')).body).toEqual(before);
  });

  it('of a workflow that is not there are refused', async () => {
    expect((await call('POST', '/schedules', { ...MONDAYS, workflow_id: 'nowhere' })).status).toBe(404);
  });

  it('are made once for an idempotency key', async () => {
    const headers = { 'idempotency-key': 'mondays-1' };
    const first = await call('POST', '/schedules', MONDAYS, { headers });
    const again = await call('POST', '/schedules', MONDAYS, { headers });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    const other = await call('POST', '/schedules', { ...MONDAYS, name: 'Others' }, { headers });
    expect(other.status).toBe(409);
    await call('DELETE', `/schedules/${String(first.body['id'])}`);
  });

  it('are changed by keys that manage, read by any of the organization, and unknown to others', async () => {
    const { id } = await make();
    const reader = await newKey(['run']);
    expect((await call('GET', `/schedules/${id}`, undefined, { as: reader })).status).toBe(200);
    for (const [method, path, body] of [
      ['POST', '/schedules', MONDAYS],
      ['PATCH', `/schedules/${id}`, { enabled: false }],
      ['DELETE', `/schedules/${id}`, undefined],
    ] as const)
      expect((await call(method, path, body, { as: reader })).status).toBe(403);
    const manager = await newKey(['manage', 'read']);
    expect((await call('POST', '/schedules', MONDAYS, { as: manager })).status).toBe(403);
    await call('POST', '/organizations', { slug: 'others', monthly_credits: 10 });
    const stranger = await newKey(['run', 'manage'], 'others');
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { enabled: false }],
      ['DELETE', undefined],
    ] as const)
      expect((await call(method, `/schedules/${id}`, body, { as: stranger })).status).toBe(404);
    expect((await call('GET', '/schedules', undefined, { as: stranger })).body).toEqual({ schedules: [] });
    expect((await call('GET', '/schedules?organization=default', undefined, { as: stranger })).status).toBe(403);
    await call('DELETE', `/schedules/${id}`);
  });
});

describe('errand schedules', () => {
  const errand = (...argv: string[]) => runCommand(argv, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: key } });

  it('makes, lists, changes and deletes', async () => {
    const input = ['--input', '{"of":"today"}'];
    const made = await errand(
      'schedules',
      'create',
      'weekly_report',
      '--cron',
      '@daily',
      '--catch-up',
      'last',
      ...input,
    );
    expect(made).toMatchObject({ code: 0, err: '' });
    const id = made.out.trim();
    const listed = await errand('schedules');
    expect(listed.out).toContain(id);
    expect(listed.out).toContain('weekly_report');
    expect((await errand('schedules', 'update', id, '--timezone', 'Asia/Tokyo')).out).toContain('15:00:00');
    expect((await errand('schedules', 'disable', id)).out).toContain('is disabled');
    expect((await errand('schedules')).out).toContain('disabled');
    expect((await errand('schedules', 'enable', id)).out).toContain('The next time of');
    expect((await errand('schedules', 'times', id)).out.trim().split('\n')).toHaveLength(10);
    const weekly = await errand('schedules', 'create', 'weekly_report', '--cron', '@weekly', ...input);
    const { times } = JSON.parse((await errand('schedules', '--json')).out);
    expect(times).toHaveLength(10);
    expect(times.map(({ at }: { at: string }) => at)).toEqual(times.map(({ at }: { at: string }) => at).toSorted());
    // Ten days have one or two turns of the week in them, so both have their places.
    expect(new Set(times.map((time: { schedule_id: string }) => time.schedule_id))).toEqual(
      new Set([id, weekly.out.trim()]),
    );
    expect((await errand('schedules')).out).toContain(`${times[0].at}  weekly_report`);
    expect(await errand('schedules', 'delete', weekly.out.trim())).toMatchObject({ code: 0 });
    expect(await errand('schedules', 'delete', id)).toMatchObject({ code: 0 });
    expect((await errand('schedules')).err).toContain('There are no schedules');
  });

  it('lists the times of a pattern before it is a schedule', async () => {
    const { out } = await errand(
      'schedules',
      'times',
      '--cron',
      '30 2 * * *',
      '--timezone',
      'Europe/Berlin',
      '--starts',
      '2027-03-27',
    );
    expect(out.trim().split('\n').slice(0, 2)).toEqual(['2027-03-27T01:30:00.000Z', '2027-03-28T01:00:00.000Z']);
  });

  it.each([
    [['create', 'weekly_report'], '--cron'],
    [['create', 'weekly_report', '--cron', 'soon'], 'five fields'],
    [['times'], '--cron'],
    [['update', '0190b0c2-7f3a-7abc-8def-0123456789ab'], 'what to change'],
    [['delete', 'nothing'], 'no schedule'],
  ])('%j says what is wrong', async (argv, message) => {
    const { code, err } = await errand('schedules', ...argv);
    expect(code).not.toBe(0);
    expect(err).toContain(message);
  });
});

describe('schedules as MCP tools', () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client({ name: 'test', version: '1' });
    const headers = { authorization: `Bearer ${key}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    await client.listTools(); // so that results are held against the schemas
  });
  afterAll(() => client.close());

  const tool = async (name: string, args: Record<string, unknown>) => {
    const result = await client.callTool({ name, arguments: args });
    return { isError: result.isError === true, ...(result.structuredContent as Record<string, unknown>) };
  };

  it('preview, make, list, change and delete', async () => {
    const timing = { cron: '30 2 * * *', timezone: 'Europe/Berlin', starts_at: '2027-03-27T00:00:00Z' };
    expect(await tool('preview_schedule', { ...timing, count: 2 })).toMatchObject({
      times: [{ at: '2027-03-27T01:30:00.000Z' }, { at: '2027-03-28T01:00:00.000Z' }],
    });
    const args = { ...MONDAYS, ...timing, input: '{"of": "last week"}', idempotency_key: 'mcp-1' };
    const made = (await tool('create_schedule', args)) as unknown as ApiSchedule & { created: boolean };
    expect(made).toMatchObject({ created: true, input: { of: 'last week' }, next_at: '2027-03-27T01:30:00.000Z' });
    expect(await tool('create_schedule', args)).toMatchObject({ created: false, id: made.id });
    expect(await tool('list_schedules', {})).toMatchObject({ schedules: [{ id: made.id }], total: 1 });
    const changed = await tool('update_schedule', { schedule_id: made.id, enabled: false });
    expect(changed).toMatchObject({ enabled: false, next_at: null, name: 'Mondays' });
    expect(await tool('delete_schedule', { schedule_id: made.id })).toMatchObject({ deleted: true });
    expect(await tool('delete_schedule', { schedule_id: made.id })).toMatchObject({
      isError: true,
      error: { code: 'not_found' },
    });
  });

  it('say what is wrong', async () => {
    expect(await tool('create_schedule', { ...MONDAYS, cron: 'soon' })).toMatchObject({
      isError: true,
      error: { code: 'invalid_input', problems: [{ path: '/cron' }] },
    });
    expect(await tool('create_schedule', { ...MONDAYS, starts_at: 'tomorrow' })).toMatchObject({
      error: { problems: [{ path: '/starts_at' }] },
    });
  });
});

it('docs/schedules.md shows a workflow file whose schedules are there, and changed in the file alone', async () => {
  const page = readFileSync(new URL('../../docs/schedules.md', import.meta.url), 'utf8');
  const shown = (/```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '').replace('weekly_report', 'declared_report');
  await call('POST', '/organizations', { slug: 'acme', monthly_credits: 10 });
  writeFileSync(join(folder, 'declared_report.yaml'), shown);
  const declared = await vi.waitFor(
    async () => {
      const { schedules } = (await call('GET', '/schedules?workflow_id=declared_report')).body;
      expect(schedules).toMatchObject([{ name: 'Mondays', declared: true, catch_up: 'last' }]);
      return (schedules as ApiSchedule[])[0];
    },
    { timeout: 20_000, interval: 100 },
  );
  const { schedules } = (await call('GET', '/schedules?organization=acme')).body;
  expect(schedules).toMatchObject([{ name: '@monthly', declared: true, input: { of: 'last month' } }]);
  for (const [method, body] of [
    ['PATCH', { enabled: false }],
    ['DELETE', undefined],
  ] as const) {
    const refused = await call(method, `/schedules/${declared?.id}`, body);
    expect(refused).toMatchObject({ status: 409 });
    expect(JSON.stringify(refused.body)).toContain('file of the workflow declared_report');
  }
  rmSync(join(folder, 'declared_report.yaml'));
  await vi.waitFor(
    async () => expect((await call('GET', '/schedules?organization=acme')).body).toEqual({ schedules: [] }),
    { timeout: 20_000, interval: 100 },
  );
});

it('docs/schedules.md shows a schedule that is taken as it stands', async () => {
  const page = readFileSync(new URL('../../docs/schedules.md', import.meta.url), 'utf8');
  const shown = /-d '(\{[\s\S]+?\})'/.exec(page)?.[1] ?? '';
  const { status, body } = await call('POST', '/schedules', JSON.parse(shown));
  expect({ status, body }).toMatchObject({ status: 201 });
  await call('DELETE', `/schedules/${String(body['id'])}`);
});
