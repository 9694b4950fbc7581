import { ErrandError } from '../../core/errors.js';
import { Mutex } from '../../core/mutex.js';
import type { DriveStore, MailStore } from '../../core/ports/store/drive-store.js';
import type { CommitOutcome, RunKey } from '../../core/ports/store/run-store.js';
import type { Durability, Records, Store, StoreTime } from '../../core/ports/store/store.js';
import type { ListEventsParams } from '../../core/ports/store/run-log-store.js';
import { KnownKeys } from './caches/known-keys.js';
import { KnownRuns } from './caches/known-runs.js';
import { GroupCommit } from './commits/group-commit.js';
import { writeCommits } from './commits/write-commits.js';
import { BatchedRead } from './connection/batched-read.js';
import { PostgresPool } from './connection/pool.js';
import { first, type Sql } from './connection/sql.js';
import { assertNotMoved, toMark } from '../rows/moves/move-mark.js';
import { type Ask, driveRecords, mailRecords, type SharedRecords, sharedRecords } from './drive-records.js';
import { createRecords, OTHER_SHARD } from './records.js';
import { migrate } from './schema/migrate.js';
import { apiKeysTable } from './tables/api-keys-table.js';
import { runLogTable } from './tables/run-log-table.js';

/**
 * Transactions that read before they write do so one after another, whichever process they come from; commits of runs
 * need not wait.
 */
const READ_CLOCK = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at';
const LOCK_TRANSACTIONS = 'SELECT pg_advisory_xact_lock(7310575178243989762)';

export interface OpenPostgresParams {
  /** `postgresql://user:password@host:5432/database`. */
  readonly url: string;
  /**
   * `relaxed`: what was acknowledged in the last moments may be lost when the database's machine dies. `full` when not
   * given.
   */
  readonly durability?: Durability;
  /** Whether other stores may use the database at the same time. Not when not given: see `StoreOwner`. */
  readonly isShared?: boolean;
}

/**
 * Opens a database, and makes its tables where they are missing. Throws `unavailable`, saying why, when it cannot be
 * reached or used, and when it was written by a newer program.
 */
export async function openPostgresStore({ url, durability = 'full' }: OpenPostgresParams): Promise<PostgresStore> {
  const pool = await PostgresPool.open({ url, durability });
  try {
    await migrate(pool);
    assertNotMoved(pool.address, toMark(await first(pool, 'SELECT * FROM moves', [])));
    await pool.markCommits();
    return new PostgresStore(pool);
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/**
 * All records in a Postgres database. Commits of runs that are asked for together share a transaction; reads see what
 * is committed.
 */
export class PostgresStore implements Store {
  readonly runs: Records['runs'];
  readonly log: Records['log'];
  readonly retention: Records['retention'];
  readonly days: Records['days'];
  readonly organizations: Records['organizations'];
  readonly keys: Records['keys'];
  readonly idempotency: Records['idempotency'];
  readonly credits: Records['credits'];
  readonly workflows: Records['workflows'];
  readonly models: Records['models'];
  readonly grants: Records['grants'];
  readonly oauth: Records['oauth'];
  readonly schedules: Records['schedules'];
  readonly publications: Records['publications'];
  readonly drafts: Records['drafts'];
  readonly audit: Records['audit'];
  readonly webhooks: Records['webhooks'];
  readonly hooks: Records['hooks'];
  readonly events: Records['events'];
  readonly bulk: Records['bulk'];
  readonly secrets: Records['secrets'];
  readonly deliveries: Records['deliveries'];
  /** For an engine that many processes share. */
  readonly drives: DriveStore;
  readonly mail: MailStore;
  readonly shared: SharedRecords;
  readonly #pool: PostgresPool;
  readonly #commits: GroupCommit;
  readonly #known: KnownKeys;
  readonly #transactions = new Mutex();
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
    this.#commits = new GroupCommit(pool);
    const records = createRecords({
      read: (call) => this.#track(() => call(pool)),
      change: (call) => this.#track(() => call(pool)),
      write: (call) => this.#track(() => pool.transaction(call)),
      commit: (params) => this.#track(() => this.#commits.run(params)),
    });
    const reads = batchedReads(pool, () => pool.losses);
    this.runs = { ...records.runs, get: (key) => this.#track(() => reads.runs.get(key)) };
    this.log = { ...records.log, list: (params) => this.#track(() => reads.logs.get(params)) };
    this.retention = records.retention;
    this.days = records.days;
    this.organizations = records.organizations;
    this.#known = new KnownKeys({ read: (hash) => reads.keys.get(hash), now: () => performance.now() });
    this.keys = {
      ...records.keys,
      find: ({ hash }) => this.#track(() => this.#known.find(hash)),
      touch: (params) => this.#known.change(() => records.keys.touch(params)),
      revoke: (params) => this.#known.change(() => records.keys.revoke(params)),
      remove: (params) => this.#known.change(() => records.keys.remove(params)),
    };
    this.idempotency = records.idempotency;
    this.credits = records.credits;
    this.workflows = records.workflows;
    this.models = records.models;
    this.grants = records.grants;
    this.oauth = records.oauth;
    this.schedules = records.schedules;
    this.publications = records.publications;
    this.drafts = records.drafts;
    this.audit = records.audit;
    this.webhooks = records.webhooks;
    this.hooks = records.hooks;
    this.events = records.events;
    this.bulk = records.bulk;
    this.secrets = records.secrets;
    this.deliveries = records.deliveries;
    const call: Ask = (ask) => this.#track(() => ask(pool));
    this.drives = driveRecords(call, (commit) => this.#track(() => pool.commit(commit)));
    this.mail = mailRecords(call);
    this.shared = sharedRecords(call);
  }

  transaction<T>(work: (tx: Records) => Promise<T>): Promise<T> {
    const doing = (): Promise<T> =>
      this.#pool.transaction(async (sql) => {
        await sql.all(LOCK_TRANSACTIONS);
        return within(sql, work);
      });
    return this.#track(() => this.#transactions.take(() => this.#known.change(doing)));
  }

  async checkWritable(): Promise<void> {
    await this.#track(() => this.#pool.transaction(async () => undefined));
  }

  async readTime(): Promise<StoreTime> {
    const row = await this.#track(() => first(this.#pool, READ_CLOCK, []));
    return { kind: 'clock', at: (row as { readonly at: number }).at };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#pool.close();
  }

  /** What was asked for before the store is closed is finished first. */
  async #track<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw new ErrandError('unavailable', 'The store is closed.');
    const doing = call();
    this.#underWay.add(doing);
    try {
      return await doing;
    } finally {
      this.#underWay.delete(doing);
    }
  }
}

/** What is asked for most. */
function batchedReads(sql: Sql, losses: () => number) {
  const known = new KnownRuns({ sql, losses });
  return {
    keys: new BatchedRead({ most: 100, read: (hashes: readonly string[]) => apiKeysTable.findEach(sql, hashes) }),
    runs: new BatchedRead({ most: 100, read: (keys: readonly RunKey[]) => known.getEach(keys) }),
    logs: new BatchedRead({ most: 25, read: (all: readonly ListEventsParams[]) => runLogTable.listEach(sql, all) }),
  };
}

/** Gives `work` the tables inside a transaction. What fails there can be caught, and the transaction goes on. */
async function within<T>(sql: Sql, work: (tx: Records) => Promise<T>): Promise<T> {
  let isOpen = true;
  const turns = new Mutex();
  const guarded = <R>(call: (sql: Sql) => Promise<R>): Promise<R> =>
    turns.take(async () => {
      if (!isOpen) throw new ErrandError('internal', 'A transaction was used after its end.');
      await sql.run('SAVEPOINT call');
      try {
        const value = await call(sql);
        await sql.run('RELEASE SAVEPOINT call');
        return value;
      } catch (error) {
        await sql.run('ROLLBACK TO SAVEPOINT call');
        throw error;
      }
    });
  const commit: Records['runs']['commit'] = (params) =>
    guarded(async (savepoint): Promise<CommitOutcome> => {
      const [verdict] = await writeCommits(savepoint, [params], OTHER_SHARD);
      if (verdict?.ok === true) return verdict.outcome;
      throw verdict?.error;
    });
  try {
    return await work(createRecords({ read: guarded, change: guarded, write: guarded, commit }));
  } finally {
    isOpen = false;
  }
}
