import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ErrandError } from '../../core/errors.js';
import { Mutex } from '../../core/mutex.js';
import type { CommitOutcome, CommitRunParams } from '../../core/ports/store/run-store.js';
import type { Durability, Records, Store, StoreTime } from '../../core/ports/store/store.js';
import { assertWhole } from './connection/assert-whole.js';
import { loadBinding } from './connection/binding.js';
import { SqliteConnection } from './connection/connection.js';
import { ConnectionBatches } from './connection/connection-batches.js';
import { lockDataFile } from './file/folder-lock.js';
import { GroupCommit } from './connection/group-commit.js';
import { migrate } from './schema/migrate.js';
import { createPrivately } from './file/private-file.js';
import { mayPlaceBefore } from './commit-run.js';
import { DiskLog, type DiskLogParams } from './log/disk-log.js';
import { createRecords, type GroupAccess, type RecordGroup } from './records.js';
import { assertNotMoved, toMark } from '../rows/moves/move-mark.js';
import { beginLife, endLife } from './store-life.js';
import type { Json } from '../../core/json.js';
import { longTextsOf, parseLongText, placeLongText, readLongText } from './tables/long-texts/long-texts.js';
import { createTables, type Tables } from './tables/tables.js';

/** Their ids are UUIDv7: newer ones sort last. */
const NEWEST_RUN = 'SELECT created_at FROM runs ORDER BY id DESC LIMIT 1';
const WRITE_CHECK = `
  INSERT INTO write_checks (id, checked_at) VALUES (1, unixepoch() * 1000)
  ON CONFLICT DO UPDATE SET checked_at = excluded.checked_at`;

/**
 * Opens the data file, or makes it. Throws `unavailable` when another process has it open, when it was written by a
 * newer program, and when it cannot be read or written.
 */
export async function openSqliteStore(params: {
  /** A file's path, or `:memory:`. */
  readonly path: string;
  /** `full` (the default): what is acknowledged survives a power cut. `relaxed`: it survives a crash of the process. */
  readonly durability?: Durability;
}): Promise<SqliteStore> {
  const binding = await loadBinding();
  const inMemory = params.path === ':memory:';
  const path = inMemory ? params.path : resolve(params.path);
  if (!inMemory) makeFolder(dirname(path));
  const unlock = inMemory ? () => undefined : lockDataFile({ binding, path });
  try {
    if (!inMemory) {
      assertWhole(path);
      createPrivately(path);
    }
    const db = new SqliteConnection({ binding, path, durability: inMemory ? 'relaxed' : 'deferred' });
    try {
      migrate(db);
      assertNotMoved(path, toMark(db.get('SELECT * FROM moves')));
      const log = inMemory ? null : { path, isSynced: params.durability !== 'relaxed' };
      return new SqliteStore({ db, unlock, isAlone: true, log });
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new ErrandError('unavailable', `The data folder ${folder} does not exist and cannot be made.`, { cause });
  }
}

/**
 * All records in one SQLite file, on one connection. Writes are committed together with those of the same turn of the
 * event loop; reads run at once, except that they wait while a batch is open, as the connection would show them what is
 * not yet committed. What is committed may not be on disk yet (see `DiskLog`): reads of a run show its newest record
 * that is, and other reads wait until what they show is.
 */
export class SqliteStore implements Store {
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
  readonly #db: SqliteConnection;
  readonly #unlock: () => void;
  readonly #isAlone: boolean;
  readonly #tables: Tables;
  readonly #commits: GroupCommit;
  readonly #log: DiskLog | null;
  readonly #pieces = new Mutex();
  /** The newest batch that changed any of these. */
  readonly #changed: { [group in RecordGroup]: number } = { runs: 0, settings: 0 };
  /** The transaction whose work is being done. */
  #current: object | null = null;
  #closing: Promise<void> | null = null;

  constructor(params: {
    readonly db: SqliteConnection;
    readonly unlock: () => void;
    /** Whether the file belongs to this store, which then notes its life. Not when not given. */
    readonly isAlone?: boolean;
    /** For a connection whose commits do not wait for the disk. */
    readonly log?: LogParams | null;
  }) {
    this.#db = params.db;
    this.#unlock = params.unlock;
    this.#isAlone = params.isAlone === true;
    this.#tables = createTables(params.db);
    this.#tables.runs.catchUp();
    if (this.#isAlone) beginLife(params.db, this.#tables);
    const batches = new ConnectionBatches(params.db);
    this.#log = params.log === undefined || params.log === null ? null : openLog(params.db, batches, params.log);
    batches.log = this.#log;
    this.#commits = new GroupCommit(batches);
    const records = createRecords({
      groups: { runs: this.#accessOf('runs'), settings: this.#accessOf('settings') },
      readRun: (call) => this.#readNow((tables) => call(tables, true)),
      findRun: (call, idOf) => this.#findRun(call, idOf),
      isUnread: (holder) => this.#tables.pieces.isUnread(holder),
      readLongText: (place) => readLongText(place, (call) => this.#readNow(({ pieces }) => call(pieces))),
      parseLongText,
    });
    this.runs = {
      ...records.runs,
      commit: (commit) => {
        const long = longTextsOf(commit);
        return long.length === 0 ? records.runs.commit(commit) : this.#commitAfter(long, records, commit);
      },
    };
    this.log = records.log;
    this.retention = records.retention;
    this.days = records.days;
    this.organizations = records.organizations;
    this.keys = records.keys;
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
  }

  /** What is long is written first, over several turns. Nobody looks for it before the commit is there. */
  async #commitAfter(
    long: ReturnType<typeof longTextsOf>,
    { runs }: Records,
    commit: CommitRunParams,
  ): Promise<CommitOutcome> {
    // One at a time, as all that is written within a turn is written in that turn.
    const write = (work: (pieces: Tables['pieces']) => void): Promise<void> =>
      this.#pieces.take(() =>
        this.#write('runs', (tables) => {
          if (mayPlaceBefore(tables, commit)) work(tables.pieces);
        }),
      );
    try {
      for (const text of long) await placeLongText(text, write);
      return await runs.commit(commit);
    } catch (error) {
      // The next start does the same where this fails.
      if (commit.created !== null)
        await this.#write('runs', ({ deleted }) => deleted.discard(commit.run.id)).catch(() => undefined);
      throw error;
    }
  }

  transaction<T>(work: (tx: Records) => Promise<T>): Promise<T> {
    return this.#closing === null ? this.#commits.run(() => this.#within(work)) : Promise.reject(closed());
  }

  async #within<T>(work: (tx: Records) => Promise<T>): Promise<T> {
    const transaction = {};
    const access = async <R>(call: (tables: Tables) => R | Promise<R>): Promise<R> => {
      if (this.#current === transaction) return call(this.#tables);
      throw new ErrandError('internal', 'A transaction was used after its end.');
    };
    this.#current = transaction;
    try {
      const groupAccess = (group: RecordGroup): GroupAccess => ({
        read: access,
        write: (call) => {
          this.#noteChange(group);
          return access(call);
        },
      });
      const tx = createRecords({
        groups: { runs: groupAccess('runs'), settings: groupAccess('settings') },
        readRun: (call) => access((tables) => call(tables, false)),
        findRun: access,
        isUnread: (holder) => this.#tables.pieces.isUnread(holder),
        readLongText: (place) => access(({ pieces }) => pieces.readAll(place)),
        // A transaction waits for nothing else.
        parseLongText: async (text) => JSON.parse(text) as Json,
      });
      return await work(tx);
    } finally {
      if (this.#current === transaction) this.#current = null;
    }
  }

  async checkWritable(): Promise<void> {
    this.#assertOpen();
    await this.#commits.run(() => this.#db.run(WRITE_CHECK));
  }

  async readTime(): Promise<StoreTime> {
    this.#assertOpen();
    const row = this.#db.get(NEWEST_RUN) as { readonly created_at: number } | undefined;
    return { kind: 'newest', at: row?.created_at ?? null };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drain();
    await this.#log?.end();
    if (this.#isAlone) endLife(this.#db);
    try {
      this.#db.close();
    } finally {
      this.#log?.close();
      this.#unlock();
    }
  }

  #accessOf(group: RecordGroup): GroupAccess {
    return { read: (call) => this.#read(group, call), write: (call) => this.#write(group, call) };
  }

  /** When some of what it would show is not durable, it becomes part of the next batch, which is told when that is. */
  async #read<T>(group: RecordGroup, call: (tables: Tables) => T): Promise<T> {
    if (this.#changed[group] <= (this.#log?.durableBatch ?? 0)) return this.#readNow(call);
    this.#assertOpen();
    return this.#commits.run(() => call(this.#tables));
  }

  async #readNow<T>(call: (tables: Tables) => T | Promise<T>): Promise<T> {
    this.#assertOpen();
    while (this.#commits.open !== null) await this.#commits.open;
    this.#db.reloadIfChanged();
    return call(this.#tables);
  }

  async #findRun<T>(call: (tables: Tables) => T, idOf: (found: T) => string | undefined): Promise<T> {
    const found = await this.#readNow(call);
    const id = idOf(found);
    if (id === undefined || this.#tables.runs.isDurable(id)) return found;
    return this.#commits.run(() => call(this.#tables));
  }

  #write<T>(group: RecordGroup, call: (tables: Tables) => T): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closed());
    return this.#commits.run(() => {
      this.#noteChange(group);
      return call(this.#tables);
    });
  }

  #noteChange(group: RecordGroup): void {
    if (this.#log !== null) this.#changed[group] = this.#log.nextBatch;
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw closed();
  }
}

type LogParams = Pick<DiskLogParams, 'path' | 'isSynced'>;

function openLog(db: SqliteConnection, batches: ConnectionBatches, params: LogParams): DiskLog {
  return new DiskLog({
    ...params,
    db,
    isBatchOpen: () => batches.isOpen,
    onDurable: (batch) => db.participants.durable(batch),
    onRewound: () => {
      db.participants.undo('all');
      db.participants.reload();
    },
  });
}

function closed(): ErrandError {
  return new ErrandError('unavailable', 'The store is closed.');
}
