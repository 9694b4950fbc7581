import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreditMovement } from '../../../core/run/credits.js';
import type { TellMark } from '../../../core/ports/store/credit-store.js';
import type { Store } from '../../../core/ports/store/store.js';
import type { Delivery } from '../../../core/webhooks/delivery.js';
import {
  MONTH,
  insertOrganization,
  makeMovement,
  makeOrganization,
  moveCredits,
  newId,
  rejection,
} from '../fixtures.js';
import { type MakeStore, MANY_COMMITS, useStore } from '../use-store.js';
import { sumLedger } from '../../sum-ledger.js';

export function describeCredits(makeStore: MakeStore): void {
  describe('credits', () => {
    const store = useStore(makeStore);

    it('opens an account with a limit and nothing used', async () => {
      const organizationId = await insertOrganization(store(), 1_000);
      expect(await store().credits.getAccount({ organizationId })).toEqual({
        organizationId,
        monthlyLimit: 1_000,
        reserved: 0,
        used: 0,
        month: MONTH,
        toppedUp: 0,
        drawn: 0,
        told: 0,
      });
    });

    it('has no account for an organization without one', async () => {
      const organization = makeOrganization();
      await store().organizations.insert(organization);
      expect(await store().credits.getAccount({ organizationId: organization.id })).toBeNull();
      const movement = makeMovement({ organizationId: organization.id, reservedDelta: 1 });
      expect((await rejection(moveCredits(store(), movement))).code).toBe('not_found');
      const limit = { organizationId: newId(), monthlyLimit: 5, month: MONTH };
      expect((await rejection(store().credits.setLimit(limit))).code).toBe('not_found');
    });

    it('changes the limit and leaves what is reserved and used', async () => {
      const organizationId = await insertOrganization(store(), 100);
      await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 30, usedDelta: 20 }));
      await store().credits.setLimit({ organizationId, monthlyLimit: 40, month: MONTH });
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({
        monthlyLimit: 40,
        reserved: 30,
        used: 20,
      });
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 1 }))).toBe(false);
    });

    it('writes a movement into the ledger and into the account', async () => {
      const organizationId = await insertOrganization(store());
      const reserve = makeMovement({ organizationId, reservedDelta: 25 });
      const settle = makeMovement({ organizationId, kind: 'settle', reservedDelta: -25, usedDelta: 10 });
      expect(await moveCredits(store(), reserve)).toBe(true);
      expect(await moveCredits(store(), settle)).toBe(true);
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 0, used: 10 });
      expect(await store().credits.listMovements({ organizationId, limit: 10, offset: 0 })).toEqual([settle, reserve]);
      expect(await store().credits.listMovements({ organizationId, limit: 1, offset: 1 })).toEqual([reserve]);
      const before = { organizationId, beforeId: settle.id, limit: 10, offset: 0 };
      expect(await store().credits.listMovements(before)).toEqual([reserve]);
    });

    it('reserves to the last credit and not one more', async () => {
      const organizationId = await insertOrganization(store(), 30);
      const reserve = (amount: number) => moveCredits(store(), makeMovement({ organizationId, reservedDelta: amount }));
      expect(await reserve(20)).toBe(true);
      expect(await reserve(11)).toBe(false);
      expect(await reserve(10)).toBe(true);
      expect(await reserve(1)).toBe(false);
      expect(await reserve(0)).toBe(true);
      expect(await sumLedger(store(), { organizationId })).toMatchObject({ reserved: 30, usedByMonth: { [MONTH]: 0 } });
    });

    it('lets exactly ten of a thousand parallel reservations through when there are credits for ten', async () => {
      const organizationId = await insertOrganization(store(), 100);
      const outcomes = await Promise.all(
        Array.from({ length: 1_000 }, () =>
          store().transaction(async (tx) => moveCredits(tx, makeMovement({ organizationId, reservedDelta: 10 }))),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(10);
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 100, used: 0 });
      expect((await sumLedger(store(), { organizationId })).reserved).toBe(100);
      expect(await store().credits.listMovements({ organizationId, limit: 100, offset: 0 })).toHaveLength(10);
    });

    it('starts usage again from zero in a later month and keeps the ledger', async () => {
      const organizationId = await insertOrganization(store(), 100);
      await moveCredits(store(), makeMovement({ organizationId, usedDelta: 90 }));
      await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 10 }));
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 90, month: '2026-12' }))).toBe(
        true,
      );
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({
        reserved: 100,
        used: 0,
        month: '2026-12',
      });
      await moveCredits(
        store(),
        makeMovement({ organizationId, reservedDelta: -90, usedDelta: 90, month: '2026-12', kind: 'settle' }),
      );
      expect(await sumLedger(store(), { organizationId })).toMatchObject({
        reserved: 10,
        usedByMonth: { [MONTH]: 90, '2026-12': 90 },
      });
    });

    it('changes nothing when a later month has too little available', async () => {
      const organizationId = await insertOrganization(store(), 100);
      await moveCredits(store(), makeMovement({ organizationId, usedDelta: 60 }));
      const before = await store().credits.getAccount({ organizationId });
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 101, month: '2027-01' }))).toBe(
        false,
      );
      expect(await store().credits.getAccount({ organizationId })).toEqual(before);
    });

    it('counts an earlier month, from a clock that went back, in the later one', async () => {
      const organizationId = await insertOrganization(store(), 100);
      await moveCredits(store(), makeMovement({ organizationId, usedDelta: 60 }));
      const early = makeMovement({ organizationId, kind: 'settle', usedDelta: 30, month: '2026-10' });
      expect(await moveCredits(store(), early)).toBe(true);
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 11, month: '2025-01' }))).toBe(
        false,
      );
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ used: 90, month: MONTH });
      expect((await sumLedger(store(), { organizationId })).usedByMonth).toEqual({ [MONTH]: 90 });
    });

    it('refuses a movement that was made before', async () => {
      const organizationId = await insertOrganization(store());
      const movement = makeMovement({ organizationId, reservedDelta: 5 });
      await moveCredits(store(), movement);
      expect((await rejection(moveCredits(store(), movement))).code).toBe('conflict');
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 5 });
    });

    it('refuses a broken amount without harm to those it shares a commit with', async () => {
      const organizationId = await insertOrganization(store());
      const [broken, sound] = await Promise.allSettled([
        moveCredits(store(), makeMovement({ organizationId, reservedDelta: 0.5 })),
        moveCredits(store(), makeMovement({ organizationId, reservedDelta: 7 })),
      ]);
      expect(broken.status).toBe('rejected');
      expect(sound.status).toBe('fulfilled');
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 7 });
    });

    it('has top-ups pay for what is used beyond the limit, until they are used', async () => {
      const organizationId = await insertOrganization(store(), 100);
      const topUp = makeTopUp(organizationId, 60);
      await store().credits.topUp(topUp);
      expect(await store().credits.listMovements({ organizationId, limit: 1, offset: 0 })).toEqual([topUp]);
      const settle = (used: number, month = MONTH) =>
        moveCredits(store(), makeMovement({ organizationId, kind: 'settle', usedDelta: used, month }));
      const account = () => store().credits.getAccount({ organizationId });
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 161 }))).toBe(false);
      await settle(90);
      expect(await account()).toMatchObject({ used: 90, toppedUp: 60, drawn: 0 });
      await settle(25);
      expect(await account()).toMatchObject({ used: 115, toppedUp: 45, drawn: 15 });
      const [latest] = await store().credits.listMovements({ organizationId, limit: 1, offset: 0 });
      expect(latest).toMatchObject({ kind: 'settle', usedDelta: 25, toppedUpDelta: -15 });
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 46 }))).toBe(false);
      expect(await moveCredits(store(), makeMovement({ organizationId, reservedDelta: 45 }))).toBe(true);
      await settle(120, '2027-01');
      expect(await account()).toMatchObject({ used: 120, toppedUp: 25, drawn: 20, month: '2027-01' });
      expect(await sumLedger(store(), { organizationId })).toMatchObject({ reserved: 45, toppedUp: 25 });
    });

    it('refuses a top-up that was made before, and one of an organization without an account', async () => {
      const organizationId = await insertOrganization(store());
      const topUp = makeTopUp(organizationId, 5);
      await store().credits.topUp(topUp);
      expect((await rejection(store().credits.topUp(topUp))).code).toBe('conflict');
      expect((await rejection(store().credits.topUp(makeTopUp(newId(), 5)))).code).toBe('not_found');
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ toppedUp: 5 });
    });

    it('tells of each mark once in a cycle, in the commit that comes to it', async () => {
      const organizationId = await insertOrganization(store(), 100);
      const told = async () => {
        const deliveries = await store().deliveries.list({ organizationId, limit: 9 });
        return deliveries.map(({ seq }) => seq).toReversed();
      };
      const reached: number[] = [];
      const tellMark: TellMark = ({ mark, account }) => {
        reached.push(account.used + account.reserved);
        return [makeMarkDelivery(organizationId, mark)];
      };
      const move = (reservedDelta: number, month = MONTH) =>
        moveCredits(store(), makeMovement({ organizationId, reservedDelta, month }), tellMark);
      await move(79);
      expect(await told()).toEqual([]);
      await move(1);
      expect(await told()).toEqual([80]);
      await moveCredits(store(), makeMovement({ organizationId, kind: 'settle', reservedDelta: -60 }), tellMark);
      await move(65);
      expect(await told()).toEqual([80]);
      expect(await move(16)).toBe(false);
      await store().credits.setLimit({ organizationId, monthlyLimit: 85, month: MONTH, tells: { at: 1, tellMark } });
      expect(await told()).toEqual([80, 100]);
      await move(0, '2027-01');
      expect(await told()).toEqual([80, 100, 80, 100]);
      expect(reached).toEqual([80, 85, 85, 85]);
    });

    it('keeps every balance equal to its ledger, whatever happens in whatever order', MANY_COMMITS, async () => {
      const movement = fc.record({
        reserve: fc.integer({ min: 0, max: 40 }),
        settle: fc.integer({ min: 0, max: 40 }),
        month: fc.constantFrom('2026-10', '2026-11', '2026-12', '2027-01'),
        fate: fc.constantFrom('commits', 'throws first', 'throws after'),
        limit: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 8 }),
        topUp: fc.option(fc.integer({ min: 1, max: 50 }), { freq: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(movement, { maxLength: 8 }), { maxLength: 6 }), async (waves) => {
          const organizationId = await insertOrganization(store(), 100);
          for (const wave of waves) {
            await Promise.allSettled(
              wave.map(async ({ reserve, settle, month, fate, limit, topUp }) =>
                store().transaction(async (tx) => {
                  if (fate === 'throws first') throw new Error('first');
                  if (limit !== null) await tx.credits.setLimit({ organizationId, monthlyLimit: limit, month });
                  if (topUp !== null) await tx.credits.topUp(makeTopUp(organizationId, topUp, { month }));
                  const reserved = await moveCredits(
                    tx,
                    makeMovement({ organizationId, reservedDelta: reserve, month }),
                  );
                  if (reserved) {
                    const usedDelta = Math.min(reserve, settle);
                    await moveCredits(
                      tx,
                      makeMovement({ organizationId, kind: 'settle', reservedDelta: -usedDelta, usedDelta, month }),
                    );
                  }
                  if (fate === 'throws after') throw new Error('after');
                }),
              ),
            );
            const { account, ledger } = await readBalances(store(), organizationId);
            expect(account).toEqual(ledger);
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

function makeTopUp(organizationId: string, credits: number, values: Partial<CreditMovement> = {}): CreditMovement {
  return makeMovement({
    organizationId,
    runId: null,
    kind: 'top_up',
    toppedUpDelta: credits,
    reason: 'Invoice 7 – “café”',
    idempotencyKey: 'invoice-7',
    ...values,
  });
}

function makeMarkDelivery(organizationId: string, mark: number): Delivery {
  const id = newId();
  const own = {
    id,
    organizationId,
    webhookId: id,
    endpoint: id,
    runId: null,
    seq: mark,
    event: 'credits.low',
  } as const;
  const times = { dueAt: 1, givesUpAt: 2, createdAt: 1, endedAt: null };
  return {
    ...own,
    ...times,
    url: 'https://shop.example.com',
    state: 'pending',
    attemptCount: 0,
    attempts: [],
    payload: '{}',
  };
}

/** What the account says, and what the ledger adds up to in the account's month. */
async function readBalances(store: Store, organizationId: string) {
  const account = (await store.credits.getAccount({ organizationId }))!;
  const ledger = await sumLedger(store, { organizationId });
  const latest = Object.keys(ledger.usedByMonth).toSorted().at(-1) ?? account.month;
  return {
    account: { reserved: account.reserved, used: account.used, toppedUp: account.toppedUp, latest: account.month },
    ledger: {
      reserved: ledger.reserved,
      used: ledger.usedByMonth[account.month] ?? 0,
      toppedUp: ledger.toppedUp,
      latest,
    },
  };
}
