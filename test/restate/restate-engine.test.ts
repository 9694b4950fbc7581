import { afterAll, beforeAll, describe } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../src/app/process/node-clock.js';
import { silentLogger as logger } from '../../src/core/ports/logger.js';
import { RestateEngine } from '../../src/engine/restate/restate-engine.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeChildren } from '../../src/testing/engine-suite/children.js';
import { describeControl } from '../../src/testing/engine-suite/control.js';
import { describeDispatch } from '../../src/testing/engine-suite/dispatch.js';
import type { MakeEngine } from '../../src/testing/engine-suite/engine-under-test.js';
import { describeTakeover } from '../../src/testing/engine-suite/takeover.js';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { type CreateEngine, fewLimits, openEngine } from '../support/engines/open-engine.js';
import { startTestPostgres, type TestPostgres } from '../postgres/test-postgres.js';
import { Balancer } from './balancer.js';
import { startTestRestate, type TestRestate } from './test-restate.js';

let postgres: TestPostgres;
let restate: TestRestate;
const balancers: Balancer[] = [];
beforeAll(async () => {
  [postgres, restate] = await Promise.all([startTestPostgres(), startTestRestate()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), restate.stop()]);
  for (const balancer of balancers) await balancer.stop();
});

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
    const engine = new RestateEngine({ addresses, store, runner, clock, newId, logger, ...fewLimits(maxActiveRuns) });
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
});
