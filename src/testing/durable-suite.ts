import { describe, expect, it } from 'vitest';
import type { Durable } from '../core/ports/engine.js';
import type { Json } from '../core/json.js';
import { settle, type ManualClock } from './manual-clock.js';

/** One run's durability under test, with what an engine or a crash does to it from outside. */
export interface DurableUnderTest {
  readonly durable: Durable;
  readonly clock: ManualClock;
  cancel(reason: string): void;
  leave(): void;
  /** What a later process is given after the outcomes remembered so far were committed. */
  reopen(): Promise<DurableUnderTest>;
}

/** What every engine's Durable port must do. */
export function describeDurable(name: string, open: () => Promise<DurableUnderTest>): void {
  describe(`the Durable port: ${name}`, () => {
    it('does a step once and remembers its outcome under its key', async () => {
      const { durable } = await open();
      let calls = 0;
      const work = async (): Promise<Json> => ({ call: (calls += 1) });
      expect(await durable.step('a', work)).toEqual({ call: 1 });
      expect(await durable.step('a', work)).toEqual({ call: 1 });
      expect(await durable.step('b', work)).toEqual({ call: 2 });
    });

    it('remembers a step over a restart', async () => {
      const before = await open();
      await before.durable.step('a', async () => ({ value: 'first' }));
      const after = await before.reopen();
      const again = await after.durable.step('a', () => Promise.reject(new Error('must not run')));
      expect(again).toEqual({ value: 'first' });
    });

    it('remembers null, false and zero as outcomes', async () => {
      const before = await open();
      for (const value of [null, false, 0, '']) await before.durable.step(`value ${String(value)}`, async () => value);
      const after = await before.reopen();
      for (const value of [null, false, 0, '']) {
        expect(await after.durable.step(`value ${String(value)}`, async () => 'ran again')).toBe(value);
      }
    });

    it('does a step again whose work threw', async () => {
      const { durable } = await open();
      await expect(durable.step('a', () => Promise.reject(new Error('first try')))).rejects.toThrow('first try');
      expect(await durable.step('a', async () => 'second try')).toBe('second try');
    });

    it('sleeps until the moment, and not at all when it is past', async () => {
      const { durable, clock } = await open();
      let woke = false;
      const sleeping = durable.sleep('s', clock.now() + 1_000).then(() => {
        woke = true;
      });
      await clock.advance(999);
      expect(woke).toBe(false);
      await clock.advance(1);
      await sleeping;
      expect(woke).toBe(true);
      await durable.sleep('t', clock.now() - 1);
    });

    it('sleeps longer than one timer of the machine can', async () => {
      const { durable, clock } = await open();
      let woke = false;
      const fortyDays = 40 * 24 * 3_600_000;
      const sleeping = durable.sleep('s', clock.now() + fortyDays).then(() => {
        woke = true;
      });
      await clock.advance(fortyDays - 1);
      expect(woke).toBe(false);
      await clock.advance(1);
      await sleeping;
      expect(woke).toBe(true);
    });

    it('ends sleeps and aborts its signal on cancel', async () => {
      const under = await open();
      const outcome = under.durable.sleep('s', under.clock.now() + 60_000).then(
        () => 'slept',
        () => 'rejected',
      );
      await settle();
      under.cancel('enough');
      expect(await outcome).toBe('rejected');
      expect(under.durable.cancelled.aborted).toBe(true);
      expect(under.durable.left).toBe(false);
      expect(under.clock.waiting).toBe(0);
    });

    it('says so when this process leaves the run', async () => {
      const under = await open();
      under.leave();
      expect(under.durable.left).toBe(true);
      expect(under.durable.cancelled.aborted).toBe(true);
      await expect(under.durable.sleep('s', under.clock.now() + 1)).rejects.toThrow(/resumed/);
    });
  });
}
