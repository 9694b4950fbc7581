import { describe } from 'vitest';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { describeChildren } from '../../testing/engine-suite/children.js';
import { describeEventWaits } from '../../testing/engine-suite/events.js';
import { describeControl } from '../../testing/engine-suite/control.js';
import { describeDispatch } from '../../testing/engine-suite/dispatch.js';
import type { MakeEngine } from '../../testing/engine-suite/engine-under-test.js';
import { describeTakeover } from '../../testing/engine-suite/takeover.js';
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
});
