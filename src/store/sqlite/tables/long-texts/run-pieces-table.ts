import type { RunEvent } from '../../../../core/run/events.js';
import type { Run } from '../../../../core/run/run.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

/** Where a run's output has its place; a row of its log has the number of its last event. */
export const OUTPUT_PLACE = 0;
/** In the place of a text that is in pieces, or of an output that has a row of its own: no JSON text is empty. */
export const ELSEWHERE = '';

export interface PiecePlace {
  readonly runId: string;
  readonly place: number;
}

interface PieceRow {
  readonly pieces: number;
  readonly bytes: Uint8Array;
}

/** A driver that died may have placed one already. */
const INSERT = 'INSERT OR REPLACE INTO run_pieces (run_id, place, piece, pieces, bytes) VALUES (?, ?, ?, ?, ?)';
const SELECT = 'SELECT pieces, bytes FROM run_pieces WHERE run_id = ? AND place = ? AND piece = ?';
export const SELECT_PIECES = 'SELECT bytes FROM run_pieces WHERE run_id = ? AND place = ? ORDER BY piece';
const DELETE = 'DELETE FROM run_pieces WHERE run_id = ? AND place = ?';
const DELETE_SOME = `
  DELETE FROM run_pieces
  WHERE run_id = ?1 AND (place, piece) IN (SELECT place, piece FROM run_pieces WHERE run_id = ?1 LIMIT ?2)`;

/**
 * Very long texts of runs, in pieces of which each is written and read in a turn of the event loop of its own. They are
 * written before what refers to them; what is not referred to is nowhere to be seen.
 */
export class RunPiecesTable {
  readonly #db: SqliteConnection;
  /** Runs whose outputs, and events which, have their pieces before they are written themselves. */
  readonly #placed = new WeakSet<Run | RunEvent>();
  /** Runs and events that were read without what is in pieces. */
  readonly #unread = new WeakSet<Run | RunEvent>();

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  put(
    { runId, place }: PiecePlace,
    piece: { readonly index: number; readonly of: number; readonly bytes: Buffer },
  ): void {
    const id = encodeText(runId);
    if (piece.index === 0) this.#db.run(DELETE, id, place);
    this.#db.run(INSERT, id, place, piece.index, piece.of, piece.bytes);
  }

  notePlaced(holder: Run | RunEvent): void {
    this.#placed.add(holder);
  }

  isPlaced(holder: Run | RunEvent): boolean {
    return this.#placed.has(holder);
  }

  noteUnread<Holder extends Run | RunEvent>(holder: Holder): Holder {
    this.#unread.add(holder);
    return holder;
  }

  isUnread(holder: Run | RunEvent): boolean {
    return this.#unread.has(holder);
  }

  /** Null where there is no such piece any more. */
  read({ runId, place }: PiecePlace, piece: number): { readonly text: string; readonly of: number } | null {
    const row = this.#db.get(SELECT, encodeText(runId), place, piece) as PieceRow | undefined;
    return row === undefined ? null : { text: decode([row]), of: row.pieces };
  }

  /** The whole text, which takes its time. */
  readAll({ runId, place }: PiecePlace): string {
    return joinPieces(this.#db.all(SELECT_PIECES, encodeText(runId), place));
  }

  delete({ runId, place }: PiecePlace): void {
    this.#db.run(DELETE, encodeText(runId), place);
  }

  /** Of the run with this id, as the file has it. How many. */
  deleteSome(id: string, limit: number): number {
    return this.#db.run(DELETE_SOME, id, limit);
  }
}

/** Of all rows of `SELECT_PIECES`. */
export function joinPieces(rows: readonly unknown[]): string {
  return decode(rows as readonly Pick<PieceRow, 'bytes'>[]);
}

function decode(rows: readonly Pick<PieceRow, 'bytes'>[]): string {
  return rows
    .map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
    .join('');
}
