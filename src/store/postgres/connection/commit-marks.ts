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
  readonly #store = randomUUID();
  readonly #connections = new WeakMap<object, { readonly name: string; number: number }>();
  #connected = 0;
  #opened = 0;

  async purge(sql: Sql): Promise<void> {
    await sql.run(PURGE);
  }

  /** For each connection that is opened: `sql` goes to any. */
  noteConnection(sql: Sql): void {
    this.#opened += 1;
    if (this.#opened % PURGE_EVERY === 0) void this.purge(sql).catch(() => undefined);
  }

  /** For a transaction that has begun on this connection. */
  async set(sql: Sql, connection: object): Promise<CommitMark> {
    let known = this.#connections.get(connection);
    if (known === undefined) {
      known = { name: `${this.#store} ${(this.#connected += 1)}`, number: 0 };
      this.#connections.set(connection, known);
    }
    const [name, number] = [known.name, (known.number += 1)];
    const { xid } = (await first(sql, SET, [name, number])) as { readonly xid: string };
    return { connection: name, number, xid };
  }

  /** Null while it may still commit. */
  async hasCommitted(sql: Sql, { connection, number, xid }: CommitMark): Promise<boolean | null> {
    const known = (await first(sql, STATUS, [xid])) as { readonly status: string | null };
    if (known.status === 'in progress') return null;
    const kept = (await first(sql, FIND, [connection])) as { readonly number: number } | undefined;
    return kept?.number === number;
  }
}
