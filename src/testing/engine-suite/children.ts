import { describe, expect, it } from 'vitest';
import type { Run } from '../../core/run/run.js';
import {
  gate,
  isEnded,
  isParked,
  until,
  useEngine,
  type EngineUnderTest,
  type MakeEngine,
} from './engine-under-test.js';

/** The run that the first node of a run has started. */
async function childOf(under: EngineUnderTest, parent: Run): Promise<Run> {
  const { nodes } = await until(under, parent, (run) => run.nodes[0]?.childRunId !== undefined);
  return await under.read({ id: nodes[0]?.childRunId ?? '' });
}

const calls = (workflow: string) => [{ id: 'call', kind: 'workflow', workflow }];

export function describeChildren(makeEngine: MakeEngine): void {
  describe('a run that starts another', () => {
    const open = useEngine(makeEngine);

    it('waits for that one, and goes on with what came of it', async () => {
      const under = await open();
      const { run: work, open: letGo } = gate();
      const parent = await under.accept(calls(await under.define([{ id: 'a', kind: 'code', run: work }])));
      const child = await childOf(under, parent);
      expect(child.parent).toMatchObject({ runId: parent.id, nodeId: 'call' });
      expect(await until(under, parent, isParked)).toMatchObject({ nodes: [{ waitingFor: 'run' }] });
      letGo();
      expect(await until(under, parent, isEnded)).toMatchObject({ status: 'completed', output: 'opened' });
      expect((await under.read(child)).status).toBe('completed');
    });

    it('needs no slot of its own while it waits', async () => {
      const under = await open(1);
      const inner = await under.define([{ id: 'a', kind: 'code', run: () => 'inner' }]);
      const outer = await under.define(calls(inner));
      const parents = [await under.accept(calls(outer)), await under.accept(calls(outer))];
      for (const parent of parents) {
        expect(await until(under, parent, isEnded)).toMatchObject({ status: 'completed', output: 'inner' });
      }
    });

    it('fails with it', async () => {
      const under = await open();
      const run = () => Promise.reject(new Error('the oven is cold'));
      const parent = await under.accept(calls(await under.define([{ id: 'a', kind: 'code', run }])));
      const ended = await until(under, parent, isEnded);
      expect(ended.status).toBe('failed');
      expect(ended.error?.message).toContain('the oven is cold');
    });

    it('takes it along when it is cancelled', async () => {
      const under = await open();
      const parent = await under.accept(calls(await under.define([{ id: 'a', kind: 'code', run: gate().run }])));
      const child = await childOf(under, parent);
      await under.engine.cancel({ run: await until(under, parent, isParked), reason: 'enough' });
      expect((await until(under, child, isEnded)).status).toBe('cancelled');
    });

    it('finds it again after a takeover, and starts no second one', async () => {
      const under = await open();
      let tries = 0;
      const work: ReturnType<typeof gate>['run'] = (context) => ((tries += 1) === 1 ? gate().run(context) : 'again');
      const parent = await under.accept(calls(await under.define([{ id: 'a', kind: 'code', run: work }])));
      const child = await childOf(under, parent);
      await until(under, parent, isParked);
      await until(under, child, ({ nodes }) => nodes[0]?.status === 'running');
      await under.engine.stop({ graceMs: 0 });
      const next = await under.openAnother();
      await next.engine.start();
      const ended = await until(next, parent, isEnded);
      expect(ended).toMatchObject({ status: 'completed', output: 'again', nodes: [{ childRunId: child.id }] });
      await next.close();
    });
  });
}
