import { describe, expect, it } from 'vitest';
import { gate, isEnded, until, useEngine, type MakeEngine } from './engine-under-test.js';

export function describeDispatch(makeEngine: MakeEngine): void {
  describe('dispatch', () => {
    const open = useEngine(makeEngine);

    it('drives a run to its end', async () => {
      const under = await open();
      const run = await under.accept([{ id: 'a', kind: 'code', run: () => 'done' }]);
      expect(await until(under, run, isEnded)).toMatchObject({ status: 'completed', output: 'done' });
    });

    it('drives no more runs at once than the limit, says what the others wait for, and takes them in their turn', async () => {
      const under = await open(1);
      const { run: work, open: letGo } = gate();
      const first = await under.accept([{ id: 'a', kind: 'code', run: work }]);
      await until(under, first, ({ nodes }) => nodes[0]?.status === 'running');
      const second = await under.accept([{ id: 'a', kind: 'code', run: () => 2 }]);
      const reason = async () => (await under.engine.explainWaits({ runId: second.id })).run;
      await expect.poll(reason, { interval: 1 }).toContain('1 of 1 runs are active');
      expect((await under.read(second)).status).toBe('pending');
      const { runs } = await under.engine.readUse({ organizationId: first.organizationId });
      expect(runs).toEqual({ active: 1, limit: null, processLimit: 1 });
      letGo();
      expect(await until(under, second, isEnded)).toMatchObject({ status: 'completed', output: 2 });
      expect((await under.engine.explainWaits({ runId: second.id })).run).toBeNull();
    });
  });
}
