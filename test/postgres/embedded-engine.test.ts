import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeChildren } from '../../src/testing/engine-suite/children.js';
import { describeEventWaits } from '../../src/testing/engine-suite/events.js';
import { describeControl } from '../../src/testing/engine-suite/control.js';
import { describeDispatch } from '../../src/testing/engine-suite/dispatch.js';
import type { MakeEngine } from '../../src/testing/engine-suite/engine-under-test.js';
import { describeTakeover } from '../../src/testing/engine-suite/takeover.js';
import { embeddedOn, openEngine } from '../support/engines/open-engine.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const make: MakeEngine = async ({ maxActiveRuns }) => {
  const store = await openPostgresStore({ url: await postgres.emptyDatabase() });
  return openEngine(store, maxActiveRuns, embeddedOn(store));
};

describe('EmbeddedEngine on Postgres', () => {
  describeDispatch(make);
  describeControl(make);
  describeEventWaits(make);
  describeChildren(make);
  describeTakeover(make);
});
