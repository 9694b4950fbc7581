import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../src/app/process/node-clock.js';
import { silentLogger as logger } from '../../src/core/ports/logger.js';
import { type EngineHints, RestateEngine } from '../../src/engine/restate/restate-engine.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeChildren } from '../../src/testing/engine-suite/children.js';
import { describeControl } from '../../src/testing/engine-suite/control.js';
import { describeDispatch } from '../../src/testing/engine-suite/dispatch.js';
import { gate, isEnded, until, useEngine, type MakeEngine } from '../../src/testing/engine-suite/engine-under-test.js';
import { rejection } from '../../src/testing/store-suite/fixtures.js';
import { describeTakeover } from '../../src/testing/engine-suite/takeover.js';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { type CreateEngine, fewLimits, openEngine } from '../support/engines/open-engine.js';
import { startTestPostgres, type TestPostgres } from '../postgres/test-postgres.js';
import { Balancer } from '../../cluster/lib/balancer.mjs';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
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

/** What is a hint alone is not needed. */
const NO_HINTS: EngineHints = {
  mailSent: () => undefined,
  onMail: () => undefined,
  organizationChanged: () => undefined,
  onOrganizationChanged: () => undefined,
};

/** Processes behind a balancer of their own, as a service of their own. */
function restateOn(store: PostgresStore, balancer: Balancer, service: string): CreateEngine {
  return async ({ runner, maxActiveRuns }) => {
    const port = await freePort();
    balancer.add(port);
    const addresses = {
      url: restate.url,
      adminUrl: restate.adminUrl,
      listen: { host: '127.0.0.1', port },
      advertise: balancer.url,
      identityKeys: [],
      service,
    };
    const engine = new RestateEngine({
      addresses,
      store,
      runner,
      clock,
      newId,
      logger,
      hints: NO_HINTS,
      canDrive: async () => true,
      ...fewLimits(maxActiveRuns),
    });
    return { engine, cutOff: async () => balancer.remove(port) };
  };
}

const make: MakeEngine = async ({ maxActiveRuns }) => {
  const store = await openPostgresStore({ url: await postgres.createDatabase(), isShared: true });
  const balancer = new Balancer();
  balancers.push(balancer);
  await balancer.start();
  return openEngine(store, maxActiveRuns, restateOn(store, balancer, `errand_${balancers.length}`));
};

describe('RestateEngine', () => {
  describeDispatch(make);
  describeControl(make);
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
      expect((await other.engine.cancel({ run, reason: 'enough' })).status).toBe('cancelled');
      expect((await under.read(run)).status).toBe('cancelled');
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
      await other.engine.answer({ run, nodeId: 'ask', question, answer: 'this' });
      expect((await under.read(run)).nodes[0]?.status).toBe('completed');
      expect(await rejection(other.engine.answer({ run, nodeId: 'ask', question, answer: 'that' }))).toMatchObject({
        code: 'conflict',
      });
      letGo();
      expect((await until(under, run, isEnded)).status).toBe('completed');
      await other.close();
    });
  });
});
