import { describe, expect, it } from 'vitest';
import { rejection } from '../store-suite/fixtures.js';
import { factOf, gate, isEnded, isParked, until, useEngine, type MakeEngine } from './engine-under-test.js';

const ASK = { id: 'ask', kind: 'ask', question: 'Which?', answer: { type: 'string' } };
const LONG_WAIT = { id: 'wait', kind: 'wait', for: '1h' };

export function describeControl(makeEngine: MakeEngine): void {
  describe('cancel', () => {
    const open = useEngine(makeEngine);

    it('ends a run that works, one that waits, and one whose turn has not come', async () => {
      const under = await open(1);
      const parked = await under.accept([LONG_WAIT]);
      await until(under, parked, isParked);
      const working = await under.accept([{ id: 'a', kind: 'code', run: gate().run }]);
      await until(under, working, ({ nodes }) => nodes[0]?.status === 'running');
      const queued = await under.accept([{ id: 'a', kind: 'code', run: () => 1 }]);
      for (const run of [queued, parked, working]) {
        expect((await under.engine.cancel({ run, reason: 'enough' })).status).toBe('cancelled');
        expect((await under.read(run)).status).toBe('cancelled');
      }
    });

    it('is a conflict once the run has ended, and is not in the trail', async () => {
      const under = await open();
      const run = await under.accept([{ id: 'a', kind: 'code', run: () => 1 }]);
      const ended = await until(under, run, isEnded);
      const late = { run: ended, reason: 'late', audit: factOf(run, 'run.cancel') };
      expect((await rejection(under.engine.cancel(late))).code).toBe('conflict');
      expect(await under.trailOf(run)).toEqual([]);
    });

    it('is in the trail in the commit that ends the run, once, by whoever was first', async () => {
      const under = await open(1);
      const parked = await under.accept([LONG_WAIT]);
      await until(under, parked, isParked);
      const working = await under.accept([{ id: 'a', kind: 'code', run: gate().run }]);
      await until(under, working, ({ nodes }) => nodes[0]?.status === 'running');
      const queued = await under.accept([{ id: 'a', kind: 'code', run: () => 1 }]);
      for (const run of [queued, parked, working]) {
        const cancels = ['first', 'second'].map((by) =>
          under.engine.cancel({ run, reason: by, audit: factOf(run, 'run.cancel', by) }),
        );
        await Promise.allSettled(cancels);
        const trail = await under.trailOf(run);
        expect(trail).toMatchObject([{ ...factOf(run, 'run.cancel', 'first'), at: expect.any(Number) }]);
      }
    });
  });

  describe('answer', () => {
    const open = useEngine(makeEngine);

    it('is durable when it resolves, is taken once, and lets the run go on', async () => {
      const under = await open();
      const accepted = await under.accept([ASK]);
      const run = await until(under, accepted, isParked);
      const question = run.nodes[0]?.question ?? { message: '', schema: {} };
      const audit = factOf(run, 'run.answer');
      await under.engine.answer({ run, nodeId: 'ask', question, answer: 'this', audit });
      expect((await under.read(run)).version).toBeGreaterThan(run.version);
      expect(await under.trailOf(run)).toMatchObject([{ ...audit, at: expect.any(Number) }]);
      expect(await until(under, run, isEnded)).toMatchObject({ status: 'completed', output: 'this' });
      const again = under.engine.answer({ run, nodeId: 'ask', question, answer: 'that', audit });
      expect((await rejection(again)).code).toBe('conflict');
      expect(await under.trailOf(run)).toHaveLength(1);
    });
  });

  describe('a run that waits for a time', () => {
    const open = useEngine(makeEngine);

    it('goes on when that has come', async () => {
      const under = await open();
      const run = await under.accept([{ id: 'wait', kind: 'wait', for: '1100ms' }]);
      await until(under, run, isParked);
      expect((await until(under, run, isEnded)).status).toBe('completed');
    });
  });
}
