import { describe, expect, it } from 'vitest';
import { rejection } from '../store-suite/fixtures.js';
import { gate, isEnded, isParked, until, useEngine, type MakeEngine } from './engine-under-test.js';

export function describeTakeover(makeEngine: MakeEngine): void {
  describe('stop', () => {
    const open = useEngine(makeEngine);

    it('lets work finish within its time, and leaves the rest to whoever starts next', async () => {
      const under = await open();
      const { run: work, open: letGo } = gate();
      const finishing = await under.accept([{ id: 'a', kind: 'code', run: work }]);
      let tries = 0;
      const endless: typeof work = (context) => ((tries += 1) === 1 ? gate().run(context) : 'again');
      const left = await under.accept([{ id: 'a', kind: 'code', run: endless }]);
      for (const run of [finishing, left]) await until(under, run, ({ nodes }) => nodes[0]?.status === 'running');
      const stopping = under.engine.stop({ graceMs: 200 });
      letGo();
      await stopping;
      expect((await rejection(under.engine.assertAccepting())).code).toBe('unavailable');
      expect((await under.read(finishing)).nodes[0]?.status).toBe('completed');
      expect((await under.read(left)).status).toBe('running');
      const next = await under.openAnother();
      await next.engine.start();
      expect(await until(next, left, isEnded)).toMatchObject({ status: 'completed', output: 'again' });
      expect((await until(next, finishing, isEnded)).status).toBe('completed');
      await next.close();
    });
  });

  describe('takeover', () => {
    const open = useEngine(makeEngine);

    it('gives a run to the engine that took it up last; the other keeps nothing more of it', async () => {
      const under = await open();
      const { run: work, open: letGo } = gate();
      let tries = 0;
      const run = await under.accept([
        { id: 'a', kind: 'code', run: (context) => ((tries += 1) === 1 ? work(context) : 'second') },
      ]);
      await until(under, run, ({ nodes }) => nodes[0]?.status === 'running');
      const other = await under.openAnother();
      await other.engine.start();
      await under.cutOff();
      const ended = await until(other, run, isEnded);
      expect(ended).toMatchObject({ status: 'completed', output: 'second' });
      letGo();
      // Resolves once the first engine has tried to keep the late outcome.
      await under.engine.stop({ graceMs: 10_000 });
      expect(await other.read(run)).toEqual(ended);
      await other.close();
    });

    it('goes on with a run that waits where it stood', async () => {
      const under = await open();
      const run = await under.accept([{ id: 'wait', kind: 'wait', for: '1200ms' }]);
      const parked = await until(under, run, isParked);
      await under.engine.stop({ graceMs: 0 });
      const next = await under.openAnother();
      await next.engine.start();
      expect((await next.read(run)).nodes[0]?.waitingUntil).toBe(parked.nodes[0]?.waitingUntil);
      expect((await until(next, run, isEnded)).status).toBe('completed');
      await next.close();
    });
  });
}
