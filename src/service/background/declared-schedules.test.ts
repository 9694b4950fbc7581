import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { assemble, type Assembly } from '../../app/assembly/assemble.js';
import { describeSource } from '../../app/assembly/workflow-set.js';
import type { Schedule } from '../../core/schedules/schedule.js';
import { type Principal, SCOPES } from '../../core/tenant/principal.js';
import type { ScheduleDefinition } from '../../core/workflow/definition.js';
import { nodeKinds } from '../../nodes/registry.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { defineWorkflow } from '../../workflow/define-workflow.js';

const START = Date.UTC(2026, 10, 30, 8, 30);
const NINE = Date.UTC(2026, 10, 30, 9);
const HOURLY: ScheduleDefinition = { name: 'hourly', cron: '0 * * * *', catch_up: 'all' };

let folder: string;
let clock: ManualClock;
let assembly: Assembly;
let caller: Principal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-declared-'));
  clock = new ManualClock(START);
});
afterEach(async () => {
  await assembly.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

async function load(schedules: readonly ScheduleDefinition[]): Promise<void> {
  const workflow = defineWorkflow({
    id: 'quick',
    name: 'Quick',
    description: 'Ends at once.',
    nodes: [{ id: 'say', kind: 'transform', with: 'done' }],
    schedules,
  });
  await assembly.catalog.replaceAll([describeSource(workflow, nodeKinds)]);
}

async function open(schedules: readonly ScheduleDefinition[]): Promise<void> {
  assembly = await assemble({ data: folder, monthlyCredits: 100, maxActiveRuns: 50, clock });
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: SCOPES };
  await load(schedules);
  await assembly.start();
}

const list = (organization?: string): Promise<readonly Schedule[]> =>
  assembly.services.listSchedules(caller, organization === undefined ? {} : { organization });

/** Waits until the schedules are these, by name: those that were made in one millisecond have no order of their own. */
async function untilListed(wanted: readonly Partial<Schedule>[]): Promise<readonly Schedule[]> {
  return vi.waitFor(async () => {
    const listed = (await list()).toSorted((a, b) => a.name.localeCompare(b.name));
    expect(listed).toMatchObject(wanted);
    expect(listed).toHaveLength(wanted.length);
    return listed;
  });
}

async function countRuns(): Promise<number> {
  return (await assembly.services.listRuns(caller, { limit: 1, offset: 0 })).total;
}

it('schedules in files are there once the server has started, and start runs', async () => {
  await open([HOURLY, { cron: '@daily' }]);
  const [daily, hourly] = (await list()).toSorted((a, b) => a.name.localeCompare(b.name));
  expect(hourly).toMatchObject({ name: 'hourly', isDeclared: true, catchUp: 'all', next: { moment: NINE } });
  expect(daily).toMatchObject({ name: '@daily', cron: '@daily', timezone: 'UTC', input: {} });
  await clock.advance(30 * 60_000);
  await vi.waitFor(async () => expect(await countRuns()).toBe(1));
});

it('a schedule keeps its id, its next time and what became of its latest while its name stays', async () => {
  await open([HOURLY]);
  await clock.advance(30 * 60_000);
  const [before] = await untilListed([{ last: { outcome: 'started' } as never }]);
  await assembly.close({ graceMs: 0 });
  clock.jumpTo(NINE + 3 * 3_600_000 + 60_000 * 5);
  await open([HOURLY]);
  // Three hours were missed, and are made up for: its next time was not worked out again.
  await vi.waitFor(async () => {
    await clock.advance(100);
    expect(await countRuns()).toBe(4);
  });
  await load([{ ...HOURLY, timezone: 'Asia/Kolkata' }]);
  const [after] = await untilListed([{ timezone: 'Asia/Kolkata', next: { moment: NINE + 3.5 * 3_600_000 } as never }]);
  expect(after?.id).toBe(before?.id);
  expect(after?.last?.outcome).toBe('started');
});

it('schedules that are gone from the file are deleted, also while no server was there, and others stay', async () => {
  await open([HOURLY]);
  const [{ isDeclared: _, id: __, ...settings } = {} as Schedule] = await list();
  await assembly.services.createSchedule(caller, { settings: { ...settings, name: 'made' } });
  await load([]);
  await untilListed([{ name: 'made' }]);
  await load([HOURLY]);
  await untilListed([{ name: 'hourly' }, { name: 'made' }]);
  await assembly.close({ graceMs: 0 });
  await open([]);
  expect(await list()).toMatchObject([{ name: 'made', isDeclared: false }]);
});

it('a schedule can be of another organization; one that does not exist has none', async () => {
  await open([]);
  await assembly.services.createOrganization(caller, { slug: 'acme', monthlyCredits: 5 });
  await load([
    { ...HOURLY, organization: 'acme' },
    { ...HOURLY, organization: 'nobody' },
  ]);
  await vi.waitFor(async () => expect(await list('acme')).toMatchObject([{ name: 'hourly' }]));
  expect(await list()).toEqual([]);
});
