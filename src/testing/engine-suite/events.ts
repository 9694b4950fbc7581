import { describe, expect, it } from 'vitest';
import { gate, isEnded, isParked, until, useEngine, type MakeEngine } from './engine-under-test.js';

const HEAR = { id: 'hear', kind: 'event', name: 'paid' };

export function describeEventWaits(makeEngine: MakeEngine): void {
  describe('a run that waits for an event', () => {
    const open = useEngine(makeEngine);

    it('goes on with its data, and so do all that wait for it', async () => {
      const under = await open();
      const runs = [await under.accept([HEAR]), await under.accept([HEAR])];
      const other = await under.accept([{ ...HEAR, name: 'sent' }]);
      for (const run of [...runs, other]) await until(under, run, isParked);
      expect(await under.send('paid', { total: 3 })).toBe(2);
      for (const run of runs)
        expect(await until(under, run, isEnded)).toMatchObject({ status: 'completed', output: { total: 3 } });
      expect(await until(under, other, isParked)).toMatchObject({ nodes: [{ event: { name: 'sent' } }] });
    });

    it('takes one that came before, each once', async () => {
      const under = await open();
      await under.send('paid', 1);
      const run = await under.accept([HEAR, { ...HEAR, id: 'next', needs: ['hear'] }]);
      expect(await until(under, run, ({ nodes }) => nodes[1]?.status === 'waiting')).toMatchObject({
        nodes: [{ status: 'completed' }, { waitingFor: 'event' }],
      });
      await under.send('paid', 2);
      expect(await until(under, run, isEnded)).toMatchObject({ status: 'completed', output: 2 });
    });

    it('hears of one while another of its nodes works', async () => {
      const under = await open();
      const { run: work, open: letGo } = gate();
      const run = await under.accept([HEAR, { id: 'work', kind: 'code', run: work }]);
      await until(under, run, ({ nodes }) => nodes[0]?.status === 'waiting' && nodes[1]?.status === 'running');
      await under.send('paid', 1);
      await until(under, run, ({ nodes }) => nodes[0]?.status === 'completed');
      letGo();
      expect((await until(under, run, isEnded)).status).toBe('completed');
    });

    it('gives each item of a map its event', async () => {
      const under = await open();
      const hear = { kind: 'event', name: 'paid', match: '{{ item }}' };
      const run = await under.accept([{ id: 'each', kind: 'map', over: ['a', 'b'], do: hear }]);
      await until(under, run, ({ nodes }) => nodes[0]?.inner?.filter(({ event }) => event !== undefined).length === 2);
      expect(await under.send('paid', 1, 'b')).toBe(1);
      await until(under, run, ({ nodes }) => nodes[0]?.items?.done === 1);
      await until(under, run, isParked);
      expect(await under.send('paid', 2, 'a')).toBe(1);
      expect(await until(under, run, isEnded)).toMatchObject({ status: 'completed', output: [2, 1] });
      expect(await under.send('paid', 3, 'a')).toBe(0);
    });

    it('is told by a node of another run, once', async () => {
      const under = await open();
      const hearing = await under.accept([HEAR]);
      await until(under, hearing, isParked);
      const telling = await under.accept([{ id: 'tell', kind: 'emit', name: 'paid', with: { total: 4 } }]);
      expect(await until(under, telling, isEnded)).toMatchObject({ status: 'completed' });
      expect(await until(under, hearing, isEnded)).toMatchObject({ output: { total: 4 } });
    });

    it('finds one that came while nobody drove it', async () => {
      const under = await open();
      const run = await under.accept([HEAR]);
      await until(under, run, isParked);
      await under.engine.stop({ graceMs: 0 });
      await under.send('paid', 5);
      const next = await under.openAnother();
      await next.engine.start();
      expect(await until(next, run, isEnded)).toMatchObject({ status: 'completed', output: 5 });
      await next.close();
    });
  });
}
