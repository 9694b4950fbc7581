import { randomUUID } from 'node:crypto';
import { plannedOnce } from './prepared.js';
import { first, type Sql } from './sql.js';

/** A transaction, as it is found again after the answer to its COMMIT was lost. */
export interface CommitMark {
  readonly connection: string;
  readonly number: number;
  /** The database's own id of it. */
  readonly xid: string;
}

const SET = plannedOnce(`
  INSERT INTO commit_marks (connection, number, at) VALUES ($1, $2, now())
  ON CONFLICT (connection) DO UPDATE SET number = excluded.number, at = excluded.at
  RETURNING pg_current_xact_id()::text AS xid`);
const STATUS = 'SELECT pg_xact_status($1::xid8) AS status';
const FIND = 'SELECT number FROM commit_marks WHERE connection = $1';
/** Whoever was connected then has long found out what there is to find out. */
const PURGE = "DELETE FROM commit_marks WHERE at < now() - interval '1 hour'";
/** Connections that are not needed for a while are closed, and others opened later. */
const PURGE_EVERY = 500;

/**
 * Has each transaction write down, as part of it, which one of its connection it is. Its id alone does not tell whether
 * it has committed: a database that crashes forgets ids that it has given out, and gives them to others.
 */
export class CommitMarks {
  readonly #sql: Sql;
  readonly #store = randomUUID();
  readonly #connections = new WeakMap<object, { readonly name: string; number: number }>();
  #connected = 0;

  /** `sql`: for what is no part of a transaction. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** For a transaction that has begun on this connection, where `sql` goes. */
  async set(sql: Sql, connection: object): Promise<CommitMark> {
    let known = this.#connections.get(connection);
    if (known === undefined) {
      known = { name: `${this.#store} ${(this.#connected += 1)}`, number: 0 };
      this.#connections.set(connection, known);
      if (this.#connected % PURGE_EVERY === 0) void this.purge().catch(() => undefined);
    }
    const [name, number] = [known.name, (known.number += 1)];
    const { xid } = (await first(sql, SET, [name, number])) as { readonly xid: string };
    return { connection: name, number, xid };
  }

  /** Null while it may still commit. */
  async hasCommitted({ connection, number, xid }: CommitMark): Promise<boolean | null> {
    const known = (await first(this.#sql, STATUS, [xid])) as { readonly status: string | null };
    if (known.status === 'in progress') return null;
    const kept = (await first(this.#sql, FIND, [connection])) as { readonly number: number } | undefined;
    return kept?.number === number;
  }

  async purge(): Promise<void> {
    await this.#sql.run(PURGE);
  }
}
