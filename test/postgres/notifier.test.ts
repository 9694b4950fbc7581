import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../src/app/process/node-clock.js';
import { silentLogger as logger } from '../../src/core/ports/logger.js';
import { PostgresNotices } from '../../src/store/postgres/notices/postgres-notices.js';
import { PostgresNotifier } from '../../src/store/postgres/notices/postgres-notifier.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeNotifier } from '../../src/testing/notifier-suite/notifier-suite.js';
import { insertOrganization, insertRun, makeCommit, makeEvents } from '../../src/testing/store-suite/fixtures.js';
import { applyEvent } from '../../src/core/run/apply-event.js';
import { FIRST_EPOCH } from '../../src/core/ports/store/run-store.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
let store: PostgresStore;
/** Where notices are heard. */
let url: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  store = await openPostgresStore({ url: database, isShared: true });
  url = postgres.past(database);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

/** `hears`: whether the notices of others come through. */
async function open(hears = true) {
  const send = (text: string): Promise<void> => store.shared.notify(text);
  const notices = new PostgresNotices({ url, send, clock, logger, sender: newId() });
  const readVersions = (runIds: readonly string[]) => store.shared.readVersions(runIds);
  const notifier = new PostgresNotifier({ notices, readVersions, clock, logger });
  if (hears) await notices.start();
  notifier.start();
  return { notifier, notices };
}

const close = async ({ notifier, notices }: Awaited<ReturnType<typeof open>>): Promise<void> => {
  notifier.close();
  await notices.close();
};

describe('PostgresNotifier', () => {
  describeNotifier(async () => {
    const [one, other] = [await open(), await open()];
    return {
      one: one.notifier,
      other: other.notifier,
      close: async () => {
        await close(one);
        await close(other);
      },
    };
  });

  it('tells of a change though no notice comes through, and of none twice', async () => {
    const deaf = await open(false);
    const run = await insertRun(store, { organizationId: await insertOrganization(store) });
    const heard: number[] = [];
    const stop = deaf.notifier.subscribe({ runIds: [run.id], listener: ({ version }) => heard.push(version) });
    const events = makeEvents(run.version, run.version + 1);
    await store.runs.commit(makeCommit({ run: events.reduce(applyEvent, run), events, epoch: FIRST_EPOCH }));
    await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe(run.version + 1);
    const other = await insertRun(store, { organizationId: run.organizationId });
    const stopOther = deaf.notifier.subscribe({ runIds: [other.id], listener: () => undefined });
    const [before] = [heard.length];
    await expect.poll(() => heard.length >= before, { timeout: 5_000 }).toBe(true);
    stopOther();
    stop();
    expect(new Set(heard).size).toBe(heard.length);
    await close(deaf);
  });

  it('goes on hearing after its connection was cut', async () => {
    const [one, other] = [await open(), await open()];
    const runId = newId();
    let heard = 0;
    one.notifier.subscribe({ runIds: [runId], listener: () => (heard += 1) });
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'errand notices'",
    );
    await expect
      .poll(
        () => {
          other.notifier.publish({ runId, version: heard + 1, run: null });
          return heard;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0);
    await Promise.all([close(one), close(other)]);
  });

  it('takes no harm from what others send on its channel', async () => {
    const one = await open();
    const runId = newId();
    let heard = 0;
    one.notifier.subscribe({ runIds: [runId], listener: () => (heard += 1) });
    for (const text of ['', '{', '[]', '[1,[]]', '["x",[9,"y",1],5]', '["x",[0]]']) await store.shared.notify(text);
    await store.shared.notify(JSON.stringify(['x', [0, runId, 1]]));
    await expect.poll(() => heard).toBe(1);
    await close(one);
  });
});
