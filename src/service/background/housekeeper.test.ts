import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/ports/logger.js';
import type { RetentionRule } from '../../core/run/retention.js';
import { resolveRetention } from '../../core/run/retention.js';
import type { Run } from '../../core/run/run.js';
import type { Store } from '../../core/ports/store/store.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { ManualClock } from '../../testing/manual-clock.js';
import {
  AT,
  MONTH,
  completeRun,
  createRun,
  makeMovement,
  makeOrganization,
  makeRun,
  saveRun,
} from '../../testing/store-suite/fixtures.js';
import { Housekeeper, type HousekeeperOptions } from './housekeeper.js';
import { sumLedger } from '../../testing/sum-ledger.js';

const DAY_MS = 86_400_000;

let store: Store;
let clock: ManualClock;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
  clock = new ManualClock(AT + 100 * DAY_MS);
});
afterEach(() => store.close());

async function addOrganization(settings = {}): Promise<string> {
  const made = makeOrganization({ settings });
  await store.transaction(async (tx) => {
    await tx.organizations.insert(made);
    await tx.credits.setLimit({ organizationId: made.id, monthlyLimit: 1_000, month: MONTH });
  });
  return made.id;
}

/** Runs that ended so many days ago, in the order of their making, each with a log and a credit movement. */
async function insertEnded(
  organizationId: string,
  status: Run['status'],
  daysAgo: readonly number[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const days of daysAgo) {
    const at = clock.now() - days * DAY_MS;
    const run = makeRun({ organizationId, createdAt: at });
    const ended: Run = { ...completeRun(run), status, completedAt: at };
    const movement = makeMovement({ organizationId, runId: run.id, kind: 'settle', usedDelta: 1 });
    await createRun(store, ended, { movement });
    ids.push(run.id);
  }
  return ids;
}

async function tidy(retention: RetentionRule, kept: HousekeeperOptions['store'] = store): Promise<number> {
  const housekeeper = new Housekeeper({ store: kept, clock, logger: silentLogger, retention });
  const progress = { over: false };
  const pass = housekeeper.runOnce().finally(() => {
    progress.over = true;
  });
  while (!progress.over) await clock.advance(10);
  return (await pass).deleted;
}

async function left(organizationId: string, status?: Run['status']): Promise<string[]> {
  const { runs, total } = await store.runs.list({
    organizationId,
    limit: 100,
    offset: 0,
    ...(status ? { status } : {}),
  });
  expect(runs.length).toBe(total);
  return runs.map(({ id }) => id).toReversed();
}

describe('the rules', () => {
  it('are those of the status, else of all, else of the server, field by field', () => {
    const server = { keepForMs: 30, keep: 300 };
    const organization = { all: { keep: 200 }, failed: { keepForMs: null } };
    expect(resolveRetention({ server, organization: undefined, status: 'failed' })).toEqual(server);
    expect(resolveRetention({ server, organization, status: 'completed' })).toEqual({ keepForMs: 30, keep: 200 });
    expect(resolveRetention({ server, organization, status: 'failed' })).toEqual({ keepForMs: null, keep: 200 });
  });
});

describe('housekeeping', () => {
  it('keeps all when nothing is said', async () => {
    const id = await addOrganization();
    await insertEnded(id, 'completed', [90, 50, 1]);
    expect(await tidy({ keepForMs: null, keep: null })).toBe(0);
    expect(await left(id)).toHaveLength(3);
  });

  it('removes what ended too long ago', async () => {
    const id = await addOrganization();
    // Made early, ended late: it is the end that counts.
    const [old, , long] = await insertEnded(id, 'completed', [90, 31, 30, 1]);
    const kept = await left(id);
    await saveRun(store, {
      ...completeRun(makeRun({ organizationId: id })),
      id: long ?? '',
      version: 9,
      completedAt: clock.now(),
    });
    expect(await tidy({ keepForMs: 30 * DAY_MS, keep: null })).toBe(2);
    expect(await left(id)).toEqual(kept.slice(2));
    expect(await store.log.list({ runId: old ?? '', afterSeq: 0, limit: 10 })).toEqual([]);
  });

  it('removes all but the newest of each status', async () => {
    const id = await addOrganization();
    const completed = await insertEnded(
      id,
      'completed',
      Array.from({ length: 130 }, (_, n) => 90 - n / 2),
    );
    const failed = await insertEnded(id, 'failed', [20, 10]);
    expect(await tidy({ keepForMs: null, keep: 7 })).toBe(123);
    expect(await left(id, 'completed')).toEqual(completed.slice(-7));
    expect(await left(id, 'failed')).toEqual(failed);
    expect(await tidy({ keepForMs: null, keep: 7 })).toBe(0);
  });

  it("goes by the organization's own rules before the server's", async () => {
    const strict = await addOrganization({ retention: { all: { keepForMs: DAY_MS }, failed: { keepForMs: null } } });
    const plain = await addOrganization();
    for (const id of [strict, plain]) {
      await insertEnded(id, 'completed', [50, 5]);
      await insertEnded(id, 'failed', [50]);
    }
    await tidy({ keepForMs: 30 * DAY_MS, keep: null });
    expect([await left(strict, 'completed'), await left(strict, 'failed')].map((ids) => ids.length)).toEqual([0, 1]);
    expect([await left(plain, 'completed'), await left(plain, 'failed')].map((ids) => ids.length)).toEqual([1, 0]);
  });

  it('keeps the ledger and the balance', async () => {
    const id = await addOrganization();
    await insertEnded(id, 'completed', [90, 80, 70]);
    await tidy({ keepForMs: DAY_MS, keep: null });
    expect(await left(id)).toEqual([]);
    expect(await store.credits.listMovements({ organizationId: id, limit: 10, offset: 0 })).toHaveLength(3);
    const account = await store.credits.getAccount({ organizationId: id });
    expect(account).toMatchObject({ used: 3 });
    expect((await sumLedger(store, { organizationId: id })).usedByMonth).toEqual({ [MONTH]: 3 });
  });

  it('removes clients, codes and tokens an hour after they have expired', async () => {
    const HOUR_MS = 3_600_000;
    const redirectUris = ['https://client.example/callback'];
    const expired = { id: 'expired', name: 'x', redirectUris, createdAt: AT, expiresAt: clock.now() - HOUR_MS };
    const recent = { ...expired, id: 'recent', expiresAt: clock.now() - HOUR_MS + 1 };
    for (const client of [expired, recent]) await store.oauth.insertClient(client);
    await tidy({ keepForMs: null, keep: null });
    expect(await store.oauth.getClient({ id: expired.id })).toBeNull();
    expect(await store.oauth.getClient({ id: recent.id })).toEqual(recent);
  });

  it('does little at a time, and lets others have their turn between', async () => {
    const id = await addOrganization();
    await insertEnded(
      id,
      'completed',
      Array.from({ length: 400 }, () => 50),
    );
    const steps: number[] = [];
    let waits = 0;
    const { retention } = store;
    const watched: HousekeeperOptions['store'] = {
      organizations: store.organizations,
      runs: store.runs,
      oauth: store.oauth,
      days: store.days,
      transaction: (work) => store.transaction(work),
      retention: {
        listEnded: (params) => retention.listEnded(params),
        deleteRuns: (params) => {
          steps.push(params.runIds.length);
          return retention.deleteRuns(params);
        },
        purge: (params) => {
          steps.push(params.limit / 2);
          return retention.purge(params);
        },
      },
    };
    const schedule = clock.schedule.bind(clock);
    clock.schedule = (delayMs, wake) => {
      waits += 1;
      return schedule(delayMs, wake);
    };
    expect(await tidy({ keepForMs: DAY_MS, keep: null }, watched)).toBe(400);
    expect(Math.max(...steps)).toBeLessThanOrEqual(50);
    expect(waits).toBeGreaterThanOrEqual(steps.length - 2);
  });

  it('comes round by itself, and stops in the middle when told to', async () => {
    const id = await addOrganization();
    await insertEnded(
      id,
      'completed',
      Array.from({ length: 120 }, () => 50),
    );
    const retention = { keepForMs: DAY_MS, keep: null };
    const housekeeper = new Housekeeper({ store, clock, logger: silentLogger, retention });
    housekeeper.start();
    await clock.advance(59_999);
    expect((await store.runs.list({ organizationId: id, limit: 1, offset: 0 })).total).toBe(120);
    await clock.advance(1);
    const stopped = housekeeper.stop();
    await clock.advance(1_000);
    await stopped;
    const after = (await store.runs.list({ organizationId: id, limit: 1, offset: 0 })).total;
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(120);
    await clock.advance(600_000);
    expect((await store.runs.list({ organizationId: id, limit: 1, offset: 0 })).total).toBe(after);
  });
});
