import { describe, expect, it } from 'vitest';
import type { LastTime, Schedule } from '../../core/schedules/schedule.js';
import { AT, insertOrganization, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

function makeSchedule(values: Partial<Schedule> & Pick<Schedule, 'organizationId'>): Schedule {
  return {
    id: newId(),
    name: 'Every Monday',
    workflowId: 'report',
    cron: '0 9 * * MON',
    timezone: 'Europe/Berlin',
    input: { of: 'last week', text: '\u0000' },
    enabled: true,
    overlap: 'skip',
    catchUp: 'last',
    jitterMs: 0,
    startsAt: null,
    endsAt: AT * 2,
    isDeclared: false,
    createdAt: AT,
    updatedAt: AT,
    next: { moment: AT + 1_000, dueAt: AT + 1_500 },
    last: null,
    ...values,
  };
}

const STARTED: LastTime = { moment: AT + 1_000, at: AT + 1_501, outcome: 'started', runId: 'run-1', message: null };

export function describeSchedules(makeStore: MakeStore): void {
  describe('schedules', () => {
    const store = useStore(makeStore);
    const insert = async (values: Partial<Schedule> = {}): Promise<Schedule> => {
      const organizationId = values.organizationId ?? (await insertOrganization(store()));
      const schedule = makeSchedule({ ...values, organizationId });
      await store().schedules.insert(schedule);
      return schedule;
    };
    /** Takes every schedule of earlier tests out of what is due. */
    const clear = async (): Promise<void> => {
      for (const { id, organizationId } of await store().schedules.listDue({ at: Number.MAX_SAFE_INTEGER, limit: 1e6 }))
        await store().schedules.delete({ id, organizationId });
    };

    it('keeps every field as it was, and shows it to its organization alone', async () => {
      const schedule = await insert();
      const { id, organizationId } = schedule;
      expect(await store().schedules.get({ id, organizationId })).toEqual(schedule);
      expect(await store().schedules.get({ id, organizationId: newId() })).toBeNull();
    });

    it('refuses one for an organization that does not exist, and an id that is taken', async () => {
      const missing = store().schedules.insert(makeSchedule({ organizationId: newId() }));
      expect((await rejection(missing)).code).toBe('not_found');
      const again = store().schedules.insert(await insert());
      expect((await rejection(again)).code).toBe('conflict');
    });

    it("lists and counts an organization's, oldest first, of one workflow where asked", async () => {
      const first = await insert();
      const { organizationId } = first;
      const second = await insert({ organizationId, workflowId: 'other' });
      await insert();
      expect(await store().schedules.list({ organizationId })).toEqual([first, second]);
      expect(await store().schedules.list({ organizationId, workflowId: 'other' })).toEqual([second]);
      expect(await store().schedules.count({ organizationId })).toBe(2);
      expect(await store().schedules.count({ organizationId: newId() })).toBe(0);
    });

    it('lists those that stand in files, of all organizations', async () => {
      const [first, second] = [await insert({ isDeclared: true }), await insert({ isDeclared: true })];
      const other = await insert();
      const declared = await store().schedules.listDeclared();
      expect(declared.filter(({ id }) => [first.id, second.id, other.id].includes(id))).toEqual([first, second]);
      await store().schedules.update({ ...first, name: 'Other' });
      expect(await store().schedules.listDeclared()).toContainEqual({ ...first, name: 'Other' });
    });

    it('changes what a person sets and the next time, and leaves what became of the latest', async () => {
      const schedule = await insert();
      const { id, organizationId } = schedule;
      await store().schedules.advance({ id, organizationId, moment: AT + 1_000, next: null, last: STARTED });
      const changed = { ...schedule, name: 'Paused', enabled: false, next: null, updatedAt: AT + 5 };
      expect(await store().schedules.update(changed)).toBe(true);
      expect(await store().schedules.get({ id, organizationId })).toEqual({ ...changed, last: STARTED });
      expect(await store().schedules.update({ ...changed, organizationId: newId() })).toBe(false);
    });

    it('deletes for its organization alone', async () => {
      const { id, organizationId } = await insert();
      expect(await store().schedules.delete({ id, organizationId: newId() })).toBe(false);
      expect(await store().schedules.delete({ id, organizationId })).toBe(true);
      expect(await store().schedules.get({ id, organizationId })).toBeNull();
    });

    it('tells what is due, of all organizations, longest due first, and when the next is', async () => {
      await clear();
      expect(await store().schedules.findNextDue()).toBeNull();
      const due = (dueAt: number): Partial<Schedule> => ({ next: { moment: dueAt - 1, dueAt } });
      const later = await insert(due(AT + 20));
      const sooner = await insert(due(AT + 10));
      await insert(due(AT + 30));
      await insert({ next: null });
      expect(await store().schedules.findNextDue()).toBe(AT + 10);
      expect(await store().schedules.listDue({ at: AT + 20, limit: 10 })).toEqual([sooner, later]);
      expect(await store().schedules.listDue({ at: AT + 20, limit: 1 })).toEqual([sooner]);
      expect(await store().schedules.listDue({ at: AT + 9, limit: 10 })).toEqual([]);
    });

    it('goes on to the next time once, whoever says so first', async () => {
      const { id, organizationId } = await insert();
      const next = { moment: AT + 2_000, dueAt: AT + 2_000 };
      const advance = { id, organizationId, moment: AT + 1_000, next, last: STARTED };
      await store().schedules.advance(advance);
      await store().schedules.advance({ ...advance, next: { moment: AT + 9_000, dueAt: AT + 9_000 } });
      expect(await store().schedules.get({ id, organizationId })).toMatchObject({ next, last: STARTED });
    });

    it('puts off the time that is next, and no other', async () => {
      const { id, organizationId } = await insert();
      await store().schedules.postpone({ id, organizationId, moment: AT + 999, dueAt: AT + 7 });
      await store().schedules.postpone({ id, organizationId, moment: AT + 1_000, dueAt: AT + 8 });
      expect(await store().schedules.get({ id, organizationId })).toMatchObject({
        next: { moment: AT + 1_000, dueAt: AT + 8 },
      });
    });
  });
}
