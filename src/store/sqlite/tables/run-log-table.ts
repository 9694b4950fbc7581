import { ErrandError } from '../../../core/errors.js';
import type { RunEvent } from '../../../core/run/events.js';
import type { Json } from '../../../core/json.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { inputOf, MAX_PAGE_LENGTH, parseEvents, splitRows } from '../../rows/log-rows.js';
import { NEVER_LONG } from './long-texts/long-texts.js';
import { asBytes, encodeText } from '../connection/text.js';
import { ELSEWHERE, type RunPiecesTable } from './long-texts/run-pieces-table.js';

interface LogRow {
  readonly last_seq: number;
  readonly events: string;
}

const INSERT = 'INSERT INTO run_log (run_id, last_seq, events) VALUES (?, ?, CAST(? AS TEXT))';
const SELECT_AFTER = 'SELECT last_seq, events FROM run_log WHERE run_id = ? AND last_seq > ? ORDER BY last_seq';
const SELECT_WITH = 'SELECT last_seq, events FROM run_log WHERE run_id = ? AND last_seq >= ? ORDER BY last_seq LIMIT 1';
const UPDATE = 'UPDATE run_log SET events = CAST(? AS TEXT) WHERE run_id = ? AND last_seq = ?';
const SELECT_FIRST = 'SELECT last_seq, events FROM run_log WHERE run_id = ? ORDER BY last_seq LIMIT 1';

/**
 * One row for each commit of a run, which makes a commit one insertion however many events it has. A large commit has
 * several.
 */
export class RunLogTable {
  readonly #db: SqliteConnection;
  readonly #pieces: RunPiecesTable;

  constructor(db: SqliteConnection, pieces: RunPiecesTable) {
    this.#db = db;
    this.#pieces = pieces;
  }

  append(runId: string, events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    for (const { lastSeq, text } of splitRows(events)) {
      // A long event has a row of its own.
      const isPlaced =
        text.length > NEVER_LONG && events.some((one) => one.seq === lastSeq && this.#pieces.isPlaced(one));
      this.#insert(runId, lastSeq, isPlaced ? ELSEWHERE : text);
    }
  }

  #insert(runId: string, lastSeq: number, text: string): void {
    try {
      this.#db.run(INSERT, encodeText(runId), lastSeq, asBytes(text));
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw new ErrandError('conflict', `Run ${runId} has an event ${lastSeq} already.`, {
        details: { reason: 'seq' },
        cause: error,
      });
    }
  }

  /**
   * Events with numbers above `afterSeq`, and up to `upTo`. One that is in pieces is left out: what stands for it is
   * noted as unread, and ends the page.
   */
  list(params: { runId: string; afterSeq: number; limit: number; upTo?: number }): RunEvent[] {
    const { runId, afterSeq, limit, upTo = Number.POSITIVE_INFINITY } = params;
    const events: RunEvent[] = [];
    let length = 0;
    this.#db.forEach(SELECT_AFTER, [encodeText(runId), afterSeq], (row) => {
      const { last_seq: lastSeq, events: text } = row as LogRow;
      length += text === ELSEWHERE ? MAX_PAGE_LENGTH : text.length;
      for (const event of text === ELSEWHERE ? [this.#unread(lastSeq)] : parseEvents({ events: text })) {
        if (event.seq > afterSeq && event.seq <= upTo && events.length < limit) events.push(event);
      }
      return events.length < limit && length < MAX_PAGE_LENGTH && (events.at(-1)?.seq ?? 0) < upTo;
    });
    return events;
  }

  #unread(seq: number): RunEvent {
    return this.#pieces.noteUnread<RunEvent>({ seq, at: 0, kind: 'run.started' });
  }

  /** Puts these events in the places of those with the same numbers. In order. */
  rewrite(runId: string, events: readonly RunEvent[]): void {
    const id = encodeText(runId);
    // What was there before is overwritten, and not only given up for later use.
    this.#db.exec('PRAGMA secure_delete = ON');
    try {
      for (let index = 0; index < events.length;) {
        const row = this.#db.get(SELECT_WITH, id, events[index]?.seq ?? 0);
        if (row === undefined) return;
        const { last_seq: lastSeq, events: kept } = row as LogRow;
        const place = { runId, place: lastSeq };
        const text = kept === ELSEWHERE ? this.#pieces.readAll(place) : kept;
        const end = events.findIndex(({ seq }, at) => at > index && seq > lastSeq);
        const changed = new Map(
          events.slice(index, end === -1 ? events.length : end).map((event) => [event.seq, event]),
        );
        const after = parseEvents({ events: text }).map((event) => changed.get(event.seq) ?? event);
        this.#db.run(UPDATE, asBytes(JSON.stringify(after)), id, lastSeq);
        if (kept === ELSEWHERE) this.#pieces.delete(place);
        index += changed.size;
      }
    } finally {
      this.#db.exec('PRAGMA secure_delete = OFF');
    }
  }

  getInput({ runId }: { readonly runId: string }): { input: Json; instruction: string | null } | null {
    const row = this.#db.get(SELECT_FIRST, encodeText(runId)) as LogRow | undefined;
    return row === undefined ? null : inputOf(parseEvents(row));
  }
}
