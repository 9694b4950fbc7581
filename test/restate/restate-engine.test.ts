import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeChildren } from '../../src/testing/engine-suite/children.js';
import { describeEventWaits } from '../../src/testing/engine-suite/events.js';
import { describeControl } from '../../src/testing/engine-suite/control.js';
import { describeDispatch } from '../../src/testing/engine-suite/dispatch.js';
import {
  factOf,
  gate,
  isEnded,
  until,
  useEngine,
  type MakeEngine,
} from '../../src/testing/engine-suite/engine-under-test.js';
import { rejection } from '../../src/testing/store-suite/fixtures.js';
import { describeTakeover } from '../../src/testing/engine-suite/takeover.js';
import { openEngine } from '../support/engines/open-engine.js';
import { startTestPostgres, type TestPostgres } from '../postgres/test-postgres.js';
import { Balancer } from '../../cluster/lib/balancer.mjs';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
import { restateOn } from './restate-on.js';
import { startTestRestate } from './test-restate.js';

let postgres: TestPostgres;
let restate: RestateNode;
const balancers: Balancer[] = [];
beforeAll(async () => {
  [postgres, restate] = await Promise.all([startTestPostgres(), startTestRestate()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), restate.stop()]);
  for (const balancer of balancers) await balancer.stop();
});

const make: MakeEngine = async ({ maxActiveRuns }) => {
  const store = await openPostgresStore({ url: await postgres.emptyDatabase(), isShared: true });
  const balancer = new Balancer();
  balancers.push(balancer);
  await balancer.start();
  return openEngine(
    store,
    maxActiveRuns,
    restateOn({ store, restate, balancer, service: `errand_${balancers.length}` }),
  );
};

describe('RestateEngine', () => {
  describeDispatch(make);
  describeControl(make);
  describeEventWaits(make);
  describeChildren(make);
  describeTakeover(make);

  describe('a run that another process drives', () => {
    const open = useEngine(make);

    it('is cancelled through the inbox, though no hint says that there is mail', async () => {
      const under = await open();
      const run = await under.accept([{ id: 'a', kind: 'code', run: gate().run }]);
      await until(under, run, ({ nodes }) => nodes[0]?.status === 'running');
      const other = await under.openAnother();
      await other.engine.start();
      const audit = factOf(run, 'run.cancel');
      expect((await other.engine.cancel({ run, reason: 'enough', audit })).status).toBe('cancelled');
      expect((await under.read(run)).status).toBe('cancelled');
      expect(await under.trailOf(run)).toMatchObject([audit]);
      await other.close();
    });

    it('takes an answer through the inbox while its driver is at work', async () => {
      const under = await open();
      const { run: work, open: letGo } = gate();
      const ask = { id: 'ask', kind: 'ask', question: 'Which?', answer: { type: 'string' } };
      const accepted = await under.accept([ask, { id: 'a', kind: 'code', run: work }]);
      const run = await until(under, accepted, ({ nodes }) => nodes[0]?.status === 'waiting');
      const other = await under.openAnother();
      await other.engine.start();
      const question = run.nodes[0]?.question ?? { message: '', schema: {} };
      const audit = factOf(run, 'run.answer');
      await other.engine.answer({ run, nodeId: 'ask', question, answer: 'this', audit });
      expect(await under.trailOf(run)).toMatchObject([audit]);
      await until(under, run, ({ nodes }) => nodes[0]?.status === 'completed');
      expect(await rejection(other.engine.answer({ run, nodeId: 'ask', question, answer: 'that' }))).toMatchObject({
        code: 'conflict',
      });
      letGo();
      expect((await until(under, run, isEnded)).status).toBe('completed');
      await other.close();
    });
  });
});
