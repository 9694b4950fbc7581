/** The store and the notices behind a pooler in transaction mode, which gives each transaction any of its sessions. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../src/app/process/node-clock.js';
import { silentLogger as logger } from '../../src/core/ports/logger.js';
import { FIRST_EPOCH } from '../../src/core/ports/store/run-store.js';
import { applyEvent } from '../../src/core/run/apply-event.js';
import type { Run } from '../../src/core/run/run.js';
import { PostgresPool } from '../../src/store/postgres/connection/pool.js';
import { plannedOnce } from '../../src/store/postgres/connection/prepared.js';
import { PostgresNotices } from '../../src/store/postgres/notices/postgres-notices.js';
import { PostgresNotifier } from '../../src/store/postgres/notices/postgres-notifier.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import {
  createRun,
  insertOrganization,
  insertRun,
  makeCommit,
  makeEvents,
  makeMovement,
  makeRun,
} from '../../src/testing/store-suite/fixtures.js';
import { canPrepare, isThere, startPooler, type TestPooler } from './test-pooler.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

/** Sessions to each database: fewer than the connections of one store. */
const SIZE = 2;
const END_SESSIONS = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

let postgres: TestPostgres;
beforeAll(async () => {
  if (isThere) postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());

describe.skipIf(!isThere).each([0, ...(canPrepare ? [100] : [])])(
  'a pooler in transaction mode that keeps %i statements prepared',
  (prepared) => {
    let pooler: TestPooler;
    let direct: string;
    let url: string;
    let one: PostgresStore;
    let other: PostgresStore;
    beforeAll(async () => {
      pooler = await startPooler(postgres.url, { size: SIZE, prepared });
      direct = postgres.past(await postgres.createDatabase());
      url = pooler.through(direct);
      // Both make the tables.
      [one, other] = await Promise.all([openPostgresStore({ url }), openPostgresStore({ url })]);
    });
    afterAll(async () => {
      await Promise.all([one.close(), other.close()]);
      await pooler.stop();
    });

    /** The answer of each of the pooler's sessions: as many transactions at once as there are. */
    async function askEach(text: string): Promise<unknown[]> {
      const clients = Array.from({ length: SIZE }, () => new Client({ connectionString: url }));
      await Promise.all(clients.map((client) => client.connect()));
      await Promise.all(clients.map((client) => client.query('BEGIN')));
      const pids = await Promise.all(clients.map((client) => client.query('SELECT pg_backend_pid() AS pid')));
      expect(new Set(pids.map(({ rows }) => (rows as { pid: number }[])[0]?.pid)).size).toBe(SIZE);
      const answers = await Promise.all(clients.map((client) => client.query<{ answer: unknown }>(text)));
      await Promise.all(clients.map((client) => client.query('COMMIT')));
      await Promise.all(clients.map((client) => client.end()));
      return answers.map(({ rows }) => rows[0]?.answer);
    }

    const advance = (store: PostgresStore, run: Run): Promise<unknown> => {
      const events = makeEvents(run.version, run.version + 1);
      return store.runs.commit(makeCommit({ run: events.reduce(applyEvent, run), events, epoch: FIRST_EPOCH }));
    };
    const versionOf = async ({ id: runId, organizationId }: Run, store = one): Promise<number> =>
      (await store.runs.get({ runId, organizationId }))?.version ?? 0;

    it('keeps what two stores with more connections than it has sessions commit at once', async () => {
      const organizationId = await insertOrganization(one, 1_000);
      const runs = Array.from({ length: 60 }, () => makeRun({ organizationId }));
      const both = [one, other] as const;
      await Promise.all(
        runs.map(async (run, index) => {
          const movement = makeMovement({ organizationId, runId: run.id, reservedDelta: 2 });
          await createRun(both[index % 2] ?? one, run, { movement });
          expect(await advance(both[(index + 1) % 2] ?? other, run)).toBe('kept');
        }),
      );
      expect(await other.credits.getAccount({ organizationId })).toMatchObject({ reserved: 120 });
      const wanted = runs.map(({ id: runId }) => ({ runId, organizationId, epoch: null }));
      const claims = await Promise.all(both.map((store, call) => store.drives.claim({ call: `${call}`, wanted })));
      expect(claims.flat().map(({ run }) => run.id)).toHaveLength(runs.length);
      expect(await Promise.all(runs.map((run) => versionOf(run)))).toEqual(runs.map(({ version }) => version + 1));
    });

    it.skipIf(prepared === 0)(
      'cuts no connection on which a statement was skipped, as the one before it failed',
      async () => {
        const pool = await PostgresPool.open({
          url: pooler.through(await postgres.createDatabase()),
          durability: 'full',
        });
        await pool.run('CREATE TABLE things (id TEXT PRIMARY KEY)');
        const [add, count] = [
          plannedOnce('INSERT INTO things VALUES ($1)'),
          plannedOnce('SELECT count(*) FROM things'),
        ];
        let attempts = 0;
        const commitAdd = (id: string): Promise<void> =>
          pool.commit(async (sql, conclude) => {
            attempts += 1;
            await conclude([sql.run(add, [id]), sql.all(count)]);
          });
        await pool.run('INSERT INTO things VALUES ($1)', ['a']);
        await expect(commitAdd('a')).rejects.toMatchObject({ kind: 'unique' });
        await commitAdd('b');
        expect(attempts).toBe(2);
        await pool.close();
      },
    );

    it('has neither settings nor locks of a session that went from one to the other', async () => {
      const settings = ['enable_seqscan', 'enable_hashjoin', 'jit', 'idle_in_transaction_session_timeout'];
      const answer = `SELECT ${settings.map((name) => `current_setting('${name}')`).join(" || ' ' || ")} AS answer`;
      const [fresh] = await postgres.query(answer, direct);
      expect(await askEach(answer)).toEqual(Array.from({ length: SIZE }, () => fresh?.['answer']));
      expect(await postgres.query("SELECT * FROM pg_locks WHERE locktype = 'advisory'", direct)).toEqual([]);
    });

    it('has no session listen, and a change is told by the look', async () => {
      const { notices, notifier, close } = await startNotifier(url);
      expect(notices.isPooled).toBe(true);
      const listening = `SELECT array(SELECT pg_listening_channels()) AS answer`;
      expect(await askEach(listening)).toEqual(Array.from({ length: SIZE }, () => []));
      const run = await insertRun(other, { organizationId: await insertOrganization(other) });
      const heard: number[] = [];
      notifier.subscribe({ runIds: [run.id], listener: ({ version }) => heard.push(version) });
      await advance(other, run);
      await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe(run.version + 1);
      await close();
    });

    it('has changes told at once where notices are heard past it', async () => {
      const { notices, notifier, close } = await startNotifier(direct, { looks: false });
      expect(notices.isPooled).toBe(false);
      const runId = newId();
      const heard: number[] = [];
      notifier.subscribe({ runIds: [runId], listener: ({ version }) => heard.push(version) });
      await other.shared.notify(JSON.stringify(['other', [0, runId, 7]]));
      await expect.poll(() => heard).toEqual([7]);
      await close();
    });

    it('may lose its sessions under load: what was kept is there, and what was refused is not', async () => {
      const organizationId = await insertOrganization(one);
      const runs = await Promise.all(Array.from({ length: 40 }, () => insertRun(one, { organizationId })));
      const kept = new Map(runs.map((run) => [run.id, run]));
      let cuts = 0;
      const step = async (run: Run): Promise<void> => {
        const events = makeEvents(run.version, run.version + 1);
        const next = events.reduce(applyEvent, run);
        const commit = makeCommit({ run: next, events, epoch: FIRST_EPOCH });
        await one.runs.commit(commit).then(
          () => kept.set(run.id, next),
          (error: unknown) => expect(error).toMatchObject({ code: 'unavailable' }),
        );
      };
      const cut = async (): Promise<void> => {
        const ended = await postgres.query(END_SESSIONS, direct);
        cuts += ended.length;
      };
      for (let round = 0; round < 5; round += 1) await Promise.all([...[...kept.values()].map(step), cut()]);
      expect(cuts).toBeGreaterThan(0);
      expect([...kept.values()].some(({ version }) => version > (runs[0]?.version ?? 0))).toBe(true);
      // The pooler may not have noticed yet that its sessions have ended.
      const past = await openPostgresStore({ url: direct });
      for (const run of kept.values()) expect(await versionOf(run, past)).toBe(run.version);
      await past.close();
    });

    async function startNotifier(at: string, { looks = true } = {}) {
      const send = (text: string): Promise<void> => one.shared.notify(text);
      const notices = new PostgresNotices({ url: at, send, clock, logger, sender: newId() });
      const readVersions = (runIds: readonly string[]) => one.shared.readVersions(runIds);
      const notifier = new PostgresNotifier({ notices, readVersions, clock, logger });
      await notices.start();
      if (looks) notifier.start();
      return {
        notices,
        notifier,
        close: async () => {
          notifier.close();
          await notices.close();
        },
      };
    }
  },
);
