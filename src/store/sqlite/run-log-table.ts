import { ErrandError } from '../../core/errors.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import { type Connection, ConstraintError } from './connection.js';
import type { LiveRuns } from './live-runs.js';
import { encodeText } from './text.js';

interface LogRow {
  readonly events: string;
}

const INSERT = 'INSERT INTO run_log (run_id, last_seq, events) VALUES (?, ?, ?)';
const SELECT_AFTER = 'SELECT events FROM run_log WHERE run_id = ? AND last_seq > ? ORDER BY last_seq';
const SELECT_ALL = 'SELECT last_seq, events FROM run_log WHERE run_id = ? ORDER BY last_seq';
const UPDATE = 'UPDATE run_log SET events = ? WHERE run_id = ? AND last_seq = ?';
const SELECT_FIRST = 'SELECT events FROM run_log WHERE run_id = ? ORDER BY last_seq LIMIT 1';

/** One row for each commit of a run, which makes a commit one insertion however many events it has. */
export class RunLogTable {
  readonly #db: Connection;
  readonly #live: LiveRuns;

  constructor(db: Connection, live: LiveRuns) {
    this.#db = db;
    this.#live = live;
  }

  append({ runId, events }: { readonly runId: string; readonly events: readonly RunEvent[] }): void {
    const last = events.at(-1);
    if (last === undefined) return;
    try {
      this.#db.run(INSERT, encodeText(runId), last.seq, JSON.stringify(events));
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw new ErrandError('conflict', `Run ${runId} has an event ${last.seq} already.`, {
        details: { reason: 'seq' },
        cause: error,
      });
    }
    this.#live.logged(runId, last.seq);
  }

  list({ runId, afterSeq, limit }: { runId: string; afterSeq: number; limit: number }): RunEvent[] {
    const events: RunEvent[] = [];
    this.#db.forEach(SELECT_AFTER, [encodeText(runId), afterSeq], (row) => {
      for (const event of parseEvents(row as LogRow)) if (event.seq > afterSeq) events.push(event);
      return events.length < limit;
    });
    return events;
  }

  rewrite({ runId, rewrite }: { runId: string; rewrite: (event: RunEvent) => RunEvent | null }): void {
    const id = encodeText(runId);
    const changed: { readonly lastSeq: number; readonly text: string }[] = [];
    this.#db.forEach(SELECT_ALL, [id], (row) => {
      const { last_seq: lastSeq, events } = row as LogRow & { readonly last_seq: number };
      const before = parseEvents({ events });
      const after = before.map((event) => rewrite(event) ?? event);
      if (after.some((event, index) => event !== before[index])) changed.push({ lastSeq, text: JSON.stringify(after) });
      return true;
    });
    if (changed.length === 0) return;
    // What was there before is overwritten, and not only given up for later use.
    this.#db.exec('PRAGMA secure_delete = ON');
    try {
      for (const { lastSeq, text } of changed) this.#db.run(UPDATE, text, id, lastSeq);
    } finally {
      this.#db.exec('PRAGMA secure_delete = OFF');
    }
  }

  getInput({ runId }: { readonly runId: string }): { input: Json; instruction: string | null } | null {
    const row = this.#db.get(SELECT_FIRST, encodeText(runId)) as LogRow | undefined;
    if (row === undefined) return null;
    const created = parseEvents(row).find((event) => event.kind === 'run.created');
    return created === undefined ? null : { input: created.input, instruction: created.instruction };
  }
}

function parseEvents(row: LogRow): RunEvent[] {
  return JSON.parse(row.events) as RunEvent[];
}
