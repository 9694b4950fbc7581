import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { describeChildren } from '../../testing/engine-suite/children.js';
import { describeEventWaits } from '../../testing/engine-suite/events.js';
import { describeControl } from '../../testing/engine-suite/control.js';
import { describeDispatch } from '../../testing/engine-suite/dispatch.js';
import { gate, until, useEngine, type MakeEngine } from '../../testing/engine-suite/engine-under-test.js';
import { describeTakeover } from '../../testing/engine-suite/takeover.js';
import { rejection } from '../../testing/store-suite/fixtures.js';
import { embeddedOn, openEngine } from '../../../test/support/engines/open-engine.js';

const make: MakeEngine = async ({ maxActiveRuns }) => {
  const store = await openSqliteStore({ path: ':memory:' });
  return openEngine(store, maxActiveRuns, embeddedOn(store));
};

describe('EmbeddedEngine', () => {
  describeDispatch(make);
  describeControl(make);
  describeEventWaits(make);
  describeChildren(make);
  describeTakeover(make);

  describe('cancel, once it has stopped', () => {
    const open = useEngine(make);

    it('is refused for the time being: the next start can do it', async () => {
      const under = await open(1);
      const working = await under.accept([{ id: 'a', kind: 'code', run: gate().run }]);
      await until(under, working, ({ nodes }) => nodes[0]?.status === 'running');
      const queued = await under.accept([{ id: 'a', kind: 'code', run: () => 1 }]);
      await under.engine.stop({ graceMs: 0 });
      for (const run of [queued, working]) {
        expect((await rejection(under.engine.cancel({ run, reason: 'enough' }))).code).toBe('unavailable');
        expect((await under.read(run)).status).not.toBe('cancelled');
      }
    });
  });
});
