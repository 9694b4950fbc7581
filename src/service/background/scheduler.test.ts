import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assemble, type Assembly } from '../../app/assembly/assemble.js';
import { describeSource } from '../../app/assembly/workflow-set.js';
import type { Run } from '../../core/run/run.js';
import type { LastTime, Schedule, ScheduleSettings } from '../../core/schedules/schedule.js';
import { type Principal, SCOPES } from '../../core/tenant/principal.js';
import { nodeKinds } from '../../nodes/registry.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { defineWorkflow } from '../../workflow/define-workflow.js';

const SHARP = Date.UTC(2026, 10, 30, 9);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const quick = defineWorkflow({
  id: 'quick',
  name: 'Quick',
  description: 'Ends at once.',
  credits: 1,
  input: { type: 'object', properties: { of: { type: 'string' } } },
  nodes: [{ id: 'say', kind: 'transform', with: '{{ input.of }}' }],
});
const asking = defineWorkflow({
  id: 'asking',
  name: 'Asking',
  description: 'Goes on until somebody answers.',
  nodes: [{ id: 'ask', kind: 'ask', question: 'Go on?', answer: { type: 'boolean' } }],
});

let folder: string;
let clock: ManualClock;
let assembly: Assembly;
let caller: Principal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-scheduler-'));
  clock = new ManualClock(SHARP - 30 * MINUTE_MS);
  await open();
});
afterEach(async () => {
  await assembly.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

async function open(monthlyCredits = 100): Promise<void> {
  assembly = await assemble({ data: folder, monthlyCredits, maxActiveRuns: 50, clock });
  const workflows = [quick, asking];
  for (const workflow of workflows) assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll(workflows.map((workflow) => describeSource(workflow, nodeKinds)));
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: SCOPES };
  await assembly.start();
}

/** The server ends, and begins again later. */
async function restartAt(at: number): Promise<void> {
  await assembly.close({ graceMs: 0 });
  clock.jumpTo(at);
  await open();
}

async function make(values: Partial<ScheduleSettings> = {}): Promise<Schedule> {
  const settings: ScheduleSettings = {
    name: 'hourly',
    workflowId: 'quick',
    cron: '0 * * * *',
    timezone: 'UTC',
    input: { of: 'this hour' },
    enabled: true,
    overlap: 'skip',
    catchUp: 'none',
    jitterMs: 0,
    startsAt: null,
    endsAt: null,
    ...values,
  };
  return (await assembly.services.createSchedule(caller, { settings })).schedule;
}

/** Moves the clock on until the schedule has dealt with a time as said. */
async function untilLast(schedule: Schedule, wanted: Partial<LastTime>): Promise<Schedule> {
  return vi.waitFor(
    async () => {
      await clock.advance(100);
      const now = await assembly.services.getSchedule(caller, { scheduleId: schedule.id });
      expect(now.last).toMatchObject(wanted);
      return now;
    },
    { timeout: 25_000, interval: 5 },
  );
}

async function listRuns(workflowId = 'quick'): Promise<readonly Run[]> {
  const { runs } = await assembly.services.listRuns(caller, { workflowId, limit: 100, offset: 0 });
  return Promise.all(runs.map(({ id }) => assembly.services.getRun(caller, { runId: id })));
}

describe('a schedule', () => {
  it('starts a run at its time with its input, and none before', async () => {
    const schedule = await make();
    expect(schedule.next).toEqual({ moment: SHARP, dueAt: SHARP });
    await clock.advance(30 * MINUTE_MS - 1);
    expect(await listRuns()).toEqual([]);
    await clock.advance(1);
    const { last, next } = await untilLast(schedule, { moment: SHARP, outcome: 'started' });
    expect(next?.moment).toBe(SHARP + HOUR_MS);
    const [run, ...others] = await listRuns();
    expect(others).toEqual([]);
    expect(run?.id).toBe(last?.runId);
    expect(await assembly.services.getRunInput(caller, { runId: run?.id ?? '' })).toMatchObject({
      input: { of: 'this hour' },
    });
  });

  it('starts one run for each of its times', async () => {
    const schedule = await make();
    for (let hour = 0; hour < 5; hour += 1) {
      await clock.advance(hour === 0 ? 30 * MINUTE_MS : HOUR_MS - 20_000);
      await untilLast(schedule, { moment: SHARP + hour * HOUR_MS, outcome: 'started' });
    }
    expect(await listRuns()).toHaveLength(5);
  });

  it('starts no second run for a time whose run was started just before the process died', async () => {
    const schedule = await make();
    const { store } = assembly;
    const advance = vi.spyOn(store.schedules, 'advance').mockRejectedValue(new Error('the process dies here'));
    await clock.advance(30 * MINUTE_MS);
    await vi.waitFor(async () => expect(await listRuns()).toHaveLength(1), { timeout: 10_000 });
    await vi.waitFor(() => expect(advance).toHaveBeenCalled());
    await restartAt(SHARP + 5_000);
    const { last } = await untilLast(schedule, { moment: SHARP, outcome: 'started' });
    expect((await listRuns()).map(({ id }) => id)).toEqual([last?.runId]);
  });

  it('leaves a time out while the run before is under way, unless told otherwise', async () => {
    const schedule = await make({ workflowId: 'asking', input: {} });
    await clock.advance(30 * MINUTE_MS);
    const first = await untilLast(schedule, { moment: SHARP, outcome: 'started' });
    await clock.advance(HOUR_MS - MINUTE_MS);
    await clock.advance(MINUTE_MS);
    await untilLast(schedule, { moment: SHARP + HOUR_MS, outcome: 'skipped', runId: first.last?.runId ?? '' });
    expect(await listRuns('asking')).toHaveLength(1);
  });

  it('waits for the run before where it queues, and then starts one run for all times that came meanwhile', async () => {
    const schedule = await make({ workflowId: 'asking', input: {}, overlap: 'queue' });
    await clock.advance(30 * MINUTE_MS);
    const { last } = await untilLast(schedule, { moment: SHARP, outcome: 'started' });
    for (let minute = 0; minute < 180; minute += 5) await clock.advance(5 * MINUTE_MS);
    expect(await listRuns('asking')).toHaveLength(1);
    const waiting = await assembly.services.getSchedule(caller, { scheduleId: schedule.id });
    expect(waiting).toMatchObject({ next: { moment: SHARP + HOUR_MS }, last: { outcome: 'started' } });
    await assembly.services.answerRun(caller, { runId: last?.runId ?? '', nodeId: 'ask', answer: true });
    await untilLast(schedule, { moment: SHARP + 3 * HOUR_MS, outcome: 'started' });
    expect(await listRuns('asking')).toHaveLength(2);
  });

  it('cancels the run before where it is to', async () => {
    const schedule = await make({ workflowId: 'asking', input: {}, overlap: 'cancel_previous' });
    await clock.advance(30 * MINUTE_MS);
    const { last } = await untilLast(schedule, { moment: SHARP, outcome: 'started' });
    await clock.advance(HOUR_MS - MINUTE_MS);
    await clock.advance(MINUTE_MS);
    await untilLast(schedule, { moment: SHARP + HOUR_MS, outcome: 'started' });
    const before = await assembly.services.getRun(caller, { runId: last?.runId ?? '' });
    expect(before.status).toBe('cancelled');
  });

  it.each([
    ['none', 0, SHARP],
    ['last', 1, SHARP + 3 * HOUR_MS],
    ['all', 4, SHARP + 3 * HOUR_MS],
  ] as const)(
    'makes up for %s of the times that it missed while no server was there',
    async (catchUp, runs, moment) => {
      const schedule = await make({ catchUp });
      await restartAt(SHARP + 3 * HOUR_MS + 20 * MINUTE_MS);
      const { next } = await untilLast(schedule, { moment, outcome: runs === 0 ? 'missed' : 'started' });
      expect(next?.moment).toBe(SHARP + 4 * HOUR_MS);
      expect(await listRuns()).toHaveLength(runs);
    },
  );

  it('makes up for the latest 100 times at most', async () => {
    // With "skip" those would be left out that come while the run before is under way.
    const schedule = await make({ catchUp: 'all', cron: '* * * * *', overlap: 'cancel_previous' });
    await restartAt(SHARP + 5 * HOUR_MS);
    await untilLast(schedule, { moment: SHARP + 5 * HOUR_MS, outcome: 'started' });
    const { total } = await assembly.services.listRuns(caller, { limit: 1, offset: 0 });
    expect(total).toBe(100);
  }, 30_000);

  it('says why no run could be started, and goes on to its next time', async () => {
    const schedule = await make();
    await assembly.services.setCreditLimit(caller, { organization: 'default', monthlyCredits: 0 });
    await clock.advance(30 * MINUTE_MS);
    const { last, next } = await untilLast(schedule, { moment: SHARP, outcome: 'refused' });
    expect(last?.message).toContain('credits');
    expect(next?.moment).toBe(SHARP + HOUR_MS);
  });

  it('starts nothing while it is disabled, and has its next time from now on when it is enabled', async () => {
    const { id: scheduleId } = await make();
    await assembly.services.updateSchedule(caller, { scheduleId, changes: { enabled: false } });
    await clock.advance(2 * HOUR_MS);
    expect(await listRuns()).toEqual([]);
    const { next } = await assembly.services.updateSchedule(caller, { scheduleId, changes: { enabled: true } });
    expect(next?.moment).toBe(SHARP + 2 * HOUR_MS);
  });

  it('ends with its last time', async () => {
    const schedule = await make({ endsAt: SHARP + MINUTE_MS });
    await clock.advance(30 * MINUTE_MS);
    const { next } = await untilLast(schedule, { moment: SHARP, outcome: 'started' });
    expect(next).toBeNull();
  });
});
