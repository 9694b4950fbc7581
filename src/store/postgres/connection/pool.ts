import type { Durability } from '../../../core/ports/store/store.js';
import type { Pool, PoolClient, PoolConfig, QueryConfig, QueryResult } from 'pg';
import { ErrandError } from '../../../core/errors.js';
import { describeAddress } from './address.js';
import { allDone } from './all-done.js';
import { CommitMarks, type CommitMark } from './commit-marks.js';
import { ClashError, LostConnection, StalePlan, StrangeSession, translateError } from './errors.js';
import { KnownStatements } from './known-statements.js';
import { nameOf } from './prepared.js';
import type { Sql, SqlValue } from './sql.js';

/** Connections of one store, its session lock aside. */
const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** Whatever takes longer counts as lost: a statement of the store takes milliseconds. */
const QUERY_TIMEOUT_MS = 60_000;
/** How often a transaction that clashed is tried again. */
const MAX_CLASHES = 10;
/** How long, and how often, it is asked what came of a commit whose answer was lost. */
const ASK_AGAIN_MS = 500;
const ASK_TIMES = 60;

/**
 * What is done within a transaction. The answers to statements that are given to `conclude`, each sent already, are
 * waited for together with that to COMMIT: nothing may depend on them, and nothing is sent behind them.
 */
export type Work<T> = (sql: Sql, conclude: Conclude) => Promise<T>;
export type Conclude = (statements: readonly Promise<unknown>[]) => Promise<void>;

/** So that a plan that is kept is right for tables of any size: by their indexes, row by row. */
const BY_INDEX = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']
  .map((setting) => `SET LOCAL ${setting} = off; `)
  .join('');

/**
 * A few connections to one database, which works behind a pooler too: nothing is kept in a session but prepared
 * statements, and those no longer once a session has turned out to be somebody else's.
 */
export class PostgresPool implements Sql {
  /** The database as people may see it. */
  readonly address: string;
  readonly #pool: Pool;
  readonly #begin: string;
  readonly #known = new KnownStatements();
  #prepares = true;
  #losses = 0;
  /** Null until there is a table for them. */
  #marks: CommitMarks | null = null;

  private constructor(pool: Pool, params: { readonly address: string; readonly durability: Durability }) {
    this.address = params.address;
    this.#pool = pool;
    // Whoever stops in the middle of a transaction (a process that is paused, a machine that is cut off) must not keep
    // its locks.
    this.#begin =
      "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '15s'; " +
      (params.durability === 'relaxed' ? 'SET LOCAL synchronous_commit = off; ' : '');
  }

  static async open({
    url,
    durability,
  }: {
    readonly url: string;
    readonly durability: Durability;
  }): Promise<PostgresPool> {
    const address = describeAddress(url);
    const { default: pg } = await import('pg');
    const pool = new pg.Pool(await poolConfig(url));
    const opened = new PostgresPool(pool, { address, durability });
    // A connection that breaks while nobody uses it is replaced; whoever uses one is told by its statement.
    pool.on('error', () => (opened.#losses += 1));
    pool.on('connect', (client) => client.on('error', () => undefined));
    return opened;
  }

  /** How many connections have broken: with each, the database may have become another, or have forgotten something. */
  get losses(): number {
    return this.#losses;
  }

  /**
   * From now on it is found out what came of transactions whose last answer was lost; before, they count as failed. For
   * a database that has its tables.
   */
  async markCommits(): Promise<void> {
    this.#marks = new CommitMarks(this);
    await this.#marks.purge();
  }

  async all(text: string, values: readonly SqlValue[] = []): Promise<unknown[]> {
    return (await this.#query(text, values)).rows;
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  async #query(text: string, values: readonly SqlValue[]): Promise<QueryResult> {
    try {
      return await this.#ask(text, values, this.#prepares ? nameOf(text, { isCommit: false }) : undefined);
    } catch (error) {
      if (!(error instanceof StrangeSession || error instanceof StalePlan)) throw error;
      return this.#ask(text, values, undefined);
    }
  }

  async #ask(text: string, values: readonly SqlValue[], name: string | undefined): Promise<QueryResult> {
    const client = await this.#connect();
    try {
      const result = await this.#known.note(client, name, client.query(query(text, values, name)));
      client.release();
      return result;
    } catch (error) {
      throw this.#fail(client, error);
    }
  }

  /**
   * All or nothing, and durable when it resolves. `work` is run again after a clash with another transaction. Where the
   * answer to COMMIT is lost, it is found out what came of it.
   */
  transaction<T>(work: Work<T>): Promise<T> {
    return this.#transaction(work, false);
  }

  /** Likewise, for work whose statements are prepared. */
  commit<T>(work: Work<T>): Promise<T> {
    return this.#transaction(work, true);
  }

  async #transaction<T>(work: Work<T>, isPrepared: boolean): Promise<T> {
    let isStale = false;
    for (let clashes = 1; ; clashes += 1) {
      try {
        return await this.#attempt(work, isPrepared && this.#prepares && !isStale);
      } catch (error) {
        if (!(error instanceof ClashError)) throw error;
        // Behind a pooler another connection may lead to a session where the same is stale.
        isStale ||= error instanceof StalePlan;
        if (clashes < MAX_CLASHES) continue;
        throw new ErrandError('unavailable', 'The database is too busy: a transaction clashed again and again.', {
          cause: error,
          retryAfterSeconds: 1,
        });
      }
    }
  }

  async #attempt<T>(work: Work<T>, prepares: boolean): Promise<T> {
    const client = await this.#connect();
    const sql = new ClientSql(client, { address: this.address, prepares, known: this.#known });
    const last: Promise<unknown>[] = [];
    let mark: CommitMark | null;
    let value: T;
    try {
      // All are sent together with the first statements of the work.
      [, mark, value] = await allDone([
        client.query(`${this.#begin}${prepares ? BY_INDEX : ''}`),
        this.#marks?.set(sql, client) ?? Promise.resolve(null),
        work(sql, async (statements) => {
          last.push(...statements);
          sql.end();
        }),
      ]);
    } catch (error) {
      await Promise.allSettled(last);
      throw await this.#rollBack(client, error);
    }
    try {
      // Sent together with the last statements, too: where one of them has failed, the database rolls back.
      await allDone([...last, client.query('COMMIT')]);
      client.release();
      return value;
    } catch (error) {
      const failure = this.#fail(client, error);
      if (failure instanceof LostConnection && (await this.#hasCommitted(mark))) return value;
      throw failure;
    }
  }

  /** Gives what is to be thrown. */
  async #rollBack(client: PoolClient, error: unknown): Promise<unknown> {
    const failure = translateError(error, this.address);
    if (mustPart(failure)) return this.#fail(client, error);
    try {
      await client.query('ROLLBACK');
      client.release(this.#known.isUnsure(client));
      return failure;
    } catch (lost) {
      this.#fail(client, lost);
      return failure;
    }
  }

  async #hasCommitted(mark: CommitMark | null): Promise<boolean> {
    if (this.#marks === null || mark === null) return false;
    for (let left = ASK_TIMES; left > 0; left -= 1) {
      try {
        const found = await this.#marks.hasCommitted(mark);
        if (found !== null) return found;
      } catch (error) {
        // Not to be reached, or full, for the moment.
        if (!(error instanceof ErrandError)) return false;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw translateError(error, this.address);
    }
  }

  #fail(client: PoolClient, error: unknown): unknown {
    const failure = translateError(error, this.address);
    if (failure instanceof StrangeSession) this.#prepares = false;
    if (failure instanceof LostConnection) this.#losses += 1;
    client.release(mustPart(failure) || this.#known.isUnsure(client));
    return failure;
  }
}

/** Whether the connection that it came from is of no more use. */
function mustPart(failure: unknown): boolean {
  return failure instanceof LostConnection || failure instanceof StrangeSession || failure instanceof StalePlan;
}

function query(text: string, values: readonly SqlValue[], name: string | undefined): QueryConfig {
  return name === undefined ? { text, values: [...values] } : { name, text, values: [...values] };
}

export async function poolConfig(url: string): Promise<PoolConfig> {
  const { default: pg } = await import('pg');
  return {
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    // What a transaction writes without waiting for answers in between is sent at once.
    pipeline: true,
    fallback_application_name: 'errand',
    // Whole numbers as numbers: moments and credits are far below 2^53.
    types: {
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text'),
    },
  };
}

interface ClientSqlParams {
  readonly address: string;
  readonly prepares: boolean;
  readonly known: KnownStatements;
}

class ClientSql implements Sql {
  readonly #client: PoolClient;
  readonly #address: string;
  readonly #prepares: boolean;
  readonly #known: KnownStatements;
  #isOver = false;

  constructor(client: PoolClient, params: ClientSqlParams) {
    this.#client = client;
    this.#address = params.address;
    this.#prepares = params.prepares;
    this.#known = params.known;
  }

  /** From now on it takes no statement: the next would be behind the end of the transaction. */
  end(): void {
    this.#isOver = true;
  }

  async all(text: string, values: readonly SqlValue[] = []): Promise<unknown[]> {
    return (await this.#query(text, values)).rows;
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  async #query(text: string, values: readonly SqlValue[]): Promise<QueryResult> {
    if (this.#isOver) throw new Error(`A statement came behind the end of its transaction: ${text}`);
    try {
      const name = this.#prepares ? nameOf(text, { isCommit: true }) : undefined;
      return await this.#known.note(this.#client, name, this.#client.query(query(text, values, name)));
    } catch (error) {
      throw translateError(error, this.#address);
    }
  }
}
