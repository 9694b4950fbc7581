import { expect, it, vi } from 'vitest';
import type { Run } from '../../core/run/run.js';
import { SCHEDULE_DEFAULTS } from '../../core/schedules/schedule-fields.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { insertOrganization, newId } from '../../testing/store-suite/fixtures.js';
import { ManualClock } from '../../testing/manual-clock.js';
import type { RunWorkflowResult } from '../interface/services.js';
import { nextOf } from '../schedules/schedules.js';
import { Changes } from '../state/changes.js';
import { Scheduler } from './scheduler.js';

const FROM = Date.UTC(2027, 0, 1);
const TO = Date.UTC(2028, 0, 1);
const QUARTER_MS = 15 * 60_000;
const TIME = '02:30';
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Sao_Paulo'];

/** The first moment of each local day at which it is that time or later, as the machine's time zones have it. */
function referenceOf(timezone: string): string[] {
  const format = new Intl.DateTimeFormat('sv', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
  const firsts = new Map<string, number>();
  for (let at = FROM - 2 * 86_400_000; at < TO; at += QUARTER_MS) {
    const [day = '', time = ''] = format.format(at).split(' ');
    if (time >= TIME && !firsts.has(day)) firsts.set(day, at);
  }
  return [...firsts.values()].filter((at) => at > FROM).map((at) => new Date(at).toISOString());
}

it('schedules in five time zones start one run for each of their times of a year', { timeout: 120_000 }, async () => {
  const store = await openSqliteStore({ path: ':memory:' });
  const organizationId = await insertOrganization(store);
  const clock = new ManualClock(FROM);
  const changes = new Changes();
  for (const timezone of ZONES) {
    const settings = { ...SCHEDULE_DEFAULTS, name: timezone, workflowId: 'w', cron: '30 2 * * *', timezone };
    const next = nextOf(settings, FROM);
    const times = { createdAt: FROM, updatedAt: FROM, next, last: null, isDeclared: false };
    await store.schedules.insert({ ...settings, ...times, id: newId(), organizationId });
  }
  const names = new Map((await store.schedules.list({ organizationId })).map(({ id, name }) => [id, name]));
  const started = new Map<string, string[]>();
  const scheduler = new Scheduler({
    store,
    clock,
    logger: { debug() {}, info() {}, warn: expect.unreachable, error: expect.unreachable } as never,
    services: {
      onSchedulesChanged: (listener) => changes.onChanged(listener),
      cancelRun: () => Promise.reject(new Error('nothing is under way')),
      runWorkflow: async (_caller, { idempotencyKey = '' }) => {
        const [, id = '', moment = ''] = idempotencyKey.split(' ');
        const name = names.get(id) ?? id;
        started.set(name, [...(started.get(name) ?? []), moment]);
        return { run: { id: newId(), status: 'completed' } as Run, created: true } as RunWorkflowResult;
      },
    },
  });
  scheduler.start();
  for (let due = await store.schedules.findNextDue(); due !== null && due < TO;) {
    clock.jumpTo(due);
    changes.tell();
    const before = due;
    due = await vi.waitFor(
      async () => {
        const next = await store.schedules.findNextDue();
        expect(next).toBeGreaterThan(before);
        return next;
      },
      { timeout: 20_000, interval: 1 },
    );
  }
  await scheduler.stop();
  await store.close();
  for (const timezone of ZONES) expect(started.get(timezone)).toEqual(referenceOf(timezone));
});
