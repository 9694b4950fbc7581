import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeConcurrency } from '../../testing/store-suite/concurrency.js';
import { describeCredits } from '../../testing/store-suite/credits/credits.js';
import { describeSharedBudgets } from '../../testing/store-suite/credits/shared-budgets.js';
import {
  AT,
  MONTH,
  completeRun,
  insertOrganization,
  insertRun,
  makeDefinition,
  makeKey,
  makeMovement,
  makeRun,
  createRun,
  rejection,
  saveRun,
} from '../../testing/store-suite/fixtures.js';
import { describeIdempotency } from '../../testing/store-suite/idempotency.js';
import { describeKeys } from '../../testing/store-suite/keys.js';
import { describeOAuth } from '../../testing/store-suite/oauth.js';
import { describeModels } from '../../testing/store-suite/models.js';
import { describeOrganizations } from '../../testing/store-suite/organizations.js';
import { describeRetention } from '../../testing/store-suite/retention.js';
import { describeRunLog } from '../../testing/store-suite/run-log.js';
import { describeRuns } from '../../testing/store-suite/runs.js';
import { describeAudit } from '../../testing/store-suite/audit/audit.js';
import { describeSchedules } from '../../testing/store-suite/schedules.js';
import { describeDrafts } from '../../testing/store-suite/publications/drafts.js';
import { describePublications } from '../../testing/store-suite/publications/publications.js';
import { describeRunDays } from '../../testing/store-suite/figures/run-days.js';
import { describeBatches } from '../../testing/store-suite/search/batches.js';
import { describeSearch } from '../../testing/store-suite/search/search.js';
import { describeSecrets } from '../../testing/store-suite/secrets/secrets.js';
import { describeEvents } from '../../testing/store-suite/events/events.js';
import { describeBulkJobs } from '../../testing/store-suite/bulk/bulk.js';
import { describeHooks } from '../../testing/store-suite/hooks/hooks.js';
import { describeDeliveries, describeWebhooks } from '../../testing/store-suite/webhooks/webhooks.js';
import { describeTransactions } from '../../testing/store-suite/transactions.js';
import type { MakeStore } from '../../testing/store-suite/use-store.js';
import { describeWorkflows } from '../../testing/store-suite/workflows.js';
import { noteJson } from '../../core/large-json/known-json.js';
import type { RunEvent } from '../../core/run/events.js';
import { loadBinding } from './connection/binding.js';
import { SqliteConnection } from './connection/connection.js';
import { migrate } from './schema/migrate.js';
import { openSqliteStore, SqliteStore } from './sqlite-store.js';

let folder = '';
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-store-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = () => join(folder, `${++files}.db`);

describe('SqliteStore on a file', () => {
  describeStore(() => openSqliteStore({ path: newPath() }));
});
describe('SqliteStore in memory', () => {
  describeStore(() => openSqliteStore({ path: ':memory:' }));
});
describe('SqliteStore with relaxed durability', () => {
  describeTransactions(() => openSqliteStore({ path: newPath(), durability: 'relaxed' }));
});
describe('SqliteStores', () => {
  describeConcurrency(async () => {
    const binding = await loadBinding();
    const path = newPath();
    const open = (): SqliteStore => {
      // Without the folder's lock, which would keep the second away.
      const db = new SqliteConnection({ binding, path, durability: 'full', isShared: true });
      migrate(db);
      return new SqliteStore({ db, unlock: () => undefined });
    };
    return [open(), open()];
  });
});

function describeStore(makeStore: MakeStore): void {
  describeOrganizations(makeStore);
  describeKeys(makeStore);
  describeOAuth(makeStore);
  describeIdempotency(makeStore);
  describeModels(makeStore);
  describeSchedules(makeStore);
  describeAudit(makeStore);
  describeBulkJobs(makeStore);
  describeWebhooks(makeStore);
  describeHooks(makeStore);
  describeEvents(makeStore);
  describeSecrets(makeStore);
  describePublications(makeStore);
  describeDrafts(makeStore);
  describeDeliveries(makeStore);
  describeWorkflows(makeStore);
  describeRuns(makeStore);
  describeSearch(makeStore);
  describeBatches(makeStore);
  describeRunDays(makeStore);
  describeRunLog(makeStore);
  describeCredits(makeStore);
  describeSharedBudgets(makeStore);
  describeRetention(makeStore);
  describeTransactions(makeStore);
}

describe('the data file', () => {
  it('keeps everything over closing and opening', async () => {
    const path = newPath();
    const before = await openSqliteStore({ path });
    const organizationId = await insertOrganization(before, 500);
    const key = makeKey({ organizationId });
    await before.keys.insert(key);
    const definition = makeDefinition();
    await before.workflows.saveVersion({ workflowId: 'w', hash: 'h', definition, handlers: {}, at: AT });
    const ended = completeRun(await insertRun(before, { organizationId }));
    await saveRun(before, ended);
    const unfinished = makeRun({ organizationId });
    await createRun(before, unfinished, { movement: makeMovement({ organizationId, reservedDelta: 25 }) });
    await before.close();

    const after = await openSqliteStore({ path });
    expect((await after.organizations.get({ id: organizationId }))?.id).toBe(organizationId);
    expect(await after.keys.find({ hash: key.hash })).toEqual(key);
    expect((await after.workflows.getVersion({ workflowId: 'w', version: 1 }))?.definition).toEqual(definition);
    expect(await after.runs.get({ organizationId, runId: ended.id })).toEqual(ended);
    expect(await after.runs.listUnfinished({ afterId: null, limit: 10 })).toEqual([unfinished]);
    expect((await after.runs.list({ organizationId, limit: 10, offset: 0 })).total).toBe(2);
    expect(await after.log.list({ runId: ended.id, afterSeq: 0, limit: 10 })).toHaveLength(2);
    expect(await after.credits.getAccount({ organizationId })).toEqual({
      organizationId,
      monthlyLimit: 500,
      reserved: 25,
      used: 0,
      month: MONTH,
      toppedUp: 0,
      drawn: 0,
      told: 0,
    });
    await after.close();
  });

  it('lets go of what was written for runs that were refused, or that a process has died before it made', async () => {
    const path = newPath();
    const binding = await loadBinding();
    const countPieces = (change: string): unknown => {
      const db = new SqliteConnection({ binding, path, durability: 'full' });
      db.exec(change);
      const count = db.get('SELECT count(*) AS pieces FROM run_pieces');
      db.close();
      return count;
    };
    const before = await openSqliteStore({ path });
    const organizationId = await insertOrganization(before, 10);
    const run = makeRun({ organizationId, version: 1 });
    const long: RunEvent = { seq: 1, at: AT, kind: 'node.completed', nodeId: 'a', attempt: 1, output: 'x'.repeat(2e6) };
    noteJson(long, JSON.stringify(long));
    const movement = makeMovement({ organizationId, runId: run.id, reservedDelta: 11 });
    await rejection(createRun(before, run, { events: [long], movement }));
    await before.close();
    const left = `INSERT INTO run_pieces VALUES ('dead', 2, 0, 2, x'5b'), ('gone', 2, 0, 2, x'5b'), ('gone', 2, 1, 2, x'5d')`;
    expect(countPieces(left)).not.toEqual({ pieces: 3 });

    const after = await openSqliteStore({ path });
    while (await after.retention.purge({ limit: 2 }));
    await after.close();
    expect(countPieces('SELECT 1')).toEqual({ pieces: 0 });
  });

  it('is made together with its folder', async () => {
    const path = join(folder, 'deep', 'down', 'errand.db');
    const store = await openSqliteStore({ path });
    expect(existsSync(path)).toBe(true);
    await store.close();
  });

  it('is refused with a clear message when it is not a database', async () => {
    const path = newPath();
    writeFileSync(path, 'These are not the bytes you are looking for. '.repeat(100));
    const error = await rejection(openSqliteStore({ path }));
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(path);
    expect(error.message).toContain('is not an SQLite database');
  });

  it('is refused with a clear message when its folder cannot be made', async () => {
    const file = newPath();
    writeFileSync(file, '');
    const error = await rejection(openSqliteStore({ path: join(file, 'errand.db') }));
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(file);
  });
});

describe('closing', () => {
  it('lets what was asked for before finish, and refuses what comes after', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const organizationId = await insertOrganization(store);
    const inserted = insertRun(store, { organizationId });
    const closed = store.close();
    const run = await inserted;
    await closed;
    await store.close();
    for (const call of [
      store.runs.get({ organizationId, runId: run.id }),
      saveRun(store, run),
      store.transaction(async () => undefined),
      store.checkWritable(),
      store.readTime(),
    ]) {
      expect((await rejection(call)).code).toBe('unavailable');
    }
    const after = await openSqliteStore({ path });
    expect(await after.runs.get({ organizationId, runId: run.id })).toEqual(run);
    await after.close();
  });
});
