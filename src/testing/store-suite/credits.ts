import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../core/ports/store/store.js';
import {
  MONTH,
  insertOrganization,
  makeMovement,
  makeOrganization,
  moveCredits,
  newId,
  rejection,
} from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';
import { sumLedger } from '../sum-ledger.js';

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
      expect(await sumLedger(store(), { organizationId })).toEqual({ reserved: 30, usedByMonth: { [MONTH]: 0 } });
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
      expect(await sumLedger(store(), { organizationId })).toEqual({
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

    it('keeps every balance equal to its ledger, whatever happens in whatever order', async () => {
      const movement = fc.record({
        reserve: fc.integer({ min: 0, max: 40 }),
        settle: fc.integer({ min: 0, max: 40 }),
        month: fc.constantFrom('2026-10', '2026-11', '2026-12', '2027-01'),
        fate: fc.constantFrom('commits', 'throws first', 'throws after'),
        limit: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 8 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(movement, { maxLength: 8 }), { maxLength: 6 }), async (waves) => {
          const organizationId = await insertOrganization(store(), 100);
          for (const wave of waves) {
            await Promise.allSettled(
              wave.map(async ({ reserve, settle, month, fate, limit }) =>
                store().transaction(async (tx) => {
                  if (fate === 'throws first') throw new Error('first');
                  if (limit !== null) await tx.credits.setLimit({ organizationId, monthlyLimit: limit, month });
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
        { numRuns: 60 },
      );
    });
  });
}

/** What the account says, and what the ledger adds up to in the account's month. */
async function readBalances(store: Store, organizationId: string) {
  const account = (await store.credits.getAccount({ organizationId }))!;
  const ledger = await sumLedger(store, { organizationId });
  const latest = Object.keys(ledger.usedByMonth).toSorted().at(-1) ?? account.month;
  return {
    account: { reserved: account.reserved, used: account.used, latest: account.month },
    ledger: { reserved: ledger.reserved, used: ledger.usedByMonth[account.month] ?? 0, latest },
  };
}
