import { ErrandError } from '../../../../core/errors.js';
import { nextTurn, ownTurn } from '../../../../core/event-loop.js';
import { cutPieces } from '../../../../core/large-json/cut-pieces.js';
import type { Json } from '../../../../core/json.js';
import { joinInTurn } from '../../../../core/large-json/join-in-turn.js';
import { findKnownJson } from '../../../../core/large-json/known-json.js';
import { parseInTurns } from '../../../../core/large-json/parse-in-turns.js';
import type { CommitRunParams } from '../../../../core/ports/store/run-store.js';
import type { RunEvent } from '../../../../core/run/events.js';
import { withOutputJson } from '../../../../core/run/output-json.js';
import type { Run } from '../../../../core/run/run.js';
import { noteEventLength } from '../../../rows/log-rows.js';
import { OUTPUT_PLACE, type PiecePlace, type RunPiecesTable } from './run-pieces-table.js';

/** Bytes of JSON. Longer texts are kept in pieces. */
const VERY_LONG = 1024 * 1024;
/** A character takes three bytes at most, so texts of so many are not very long. */
export const NEVER_LONG = VERY_LONG / 3;
/** One takes some 10 ms to write or to read, as its characters are one to three bytes each. */
const PIECE = 512 * 1024;

interface LongText extends PiecePlace {
  /** The run for its output, or an event. */
  readonly holder: Run | RunEvent;
  readonly text: string;
}

/** What of a commit is written before it. Most have nothing of the kind. */
export function longTextsOf({ run, events }: CommitRunParams): readonly LongText[] {
  const output = longText(run, run.id, OUTPUT_PLACE);
  let found: LongText[] | null = output === null ? null : [output];
  for (const event of events) {
    const text = longText(event, run.id, event.seq);
    if (text !== null) (found ??= []).push(text);
  }
  return found ?? NONE;
}

const NONE: readonly never[] = [];

function longText(holder: Run | RunEvent, runId: string, place: number): LongText | null {
  const text = findKnownJson(holder);
  return text === undefined || !isVeryLong(text) ? null : { holder, runId, place, text };
}

function isVeryLong(text: string): boolean {
  return text.length > NEVER_LONG && (text.length > VERY_LONG || Buffer.byteLength(text) > VERY_LONG);
}

/** `write` does what it is given in a turn of its own. */
export async function placeLongText(
  { holder, text, ...place }: LongText,
  write: (work: (pieces: RunPiecesTable) => void) => Promise<void>,
): Promise<void> {
  // A row of the log is a list.
  const [before, behind] = place.place === OUTPUT_PLACE ? ['', ''] : ['[', ']'];
  const pieces = [...cutPieces(text, PIECE)];
  const last = pieces.length - 1;
  for (const [index, piece] of pieces.entries()) {
    await ownTurn();
    const bytes = Buffer.from(`${index === 0 ? before : ''}${piece}${index === last ? behind : ''}`);
    await write((table) => {
      table.put(place, { index, of: pieces.length, bytes });
      if (index === last) table.notePlaced(holder);
    });
  }
  await nextTurn();
}

export interface LongTextAccess {
  /** Null where it is not there any more. */
  readonly readLongText: (place: PiecePlace) => Promise<string | null>;
  readonly isUnread: (holder: Run | RunEvent) => boolean;
  readonly parseLongText: (text: string) => Promise<Json>;
}

/** Over several turns, and one more: whoever goes on with it has that to himself. */
export async function parseLongText(text: string): Promise<Json> {
  const parsed = await parseInTurns(text);
  await nextTurn();
  return parsed;
}

type Piece = NonNullable<ReturnType<RunPiecesTable['read']>>;

/** Each piece in a turn of its own. */
export async function readLongText(
  place: PiecePlace,
  read: (call: (pieces: RunPiecesTable) => Piece | null) => Promise<Piece | null>,
): Promise<string | null> {
  const texts: string[] = [];
  for (let of = 1; texts.length < of;) {
    await ownTurn();
    const piece = await read((pieces) => pieces.read(place, texts.length));
    if (piece === null) return null;
    texts.push(piece.text);
    of = piece.of;
  }
  return joinInTurn(texts);
}

/** A run that was found, with its output. It is looked for again where another commit came while that was read. */
export async function withLongOutput<Found>(
  { isUnread, readLongText: read }: LongTextAccess,
  find: () => Promise<Found>,
  runOf: (found: Found) => Run | undefined,
): Promise<{ readonly found: Found; readonly run: Run | undefined }> {
  for (let found = await find(); ;) {
    const run = runOf(found);
    if (run === undefined || !isUnread(run)) return { found, run };
    const json = await read({ runId: run.id, place: OUTPUT_PLACE });
    found = await find();
    if (runOf(found)?.version !== run.version) continue;
    if (json === null) throw damaged(`the output of run ${run.id}`);
    return { found, run: withOutputJson(run, json) };
  }
}

/** The events of a page of a log, whose last is read now. The page is read again where that has been rewritten. */
export async function withLongEvent(
  { isUnread, readLongText: read, parseLongText: parse }: LongTextAccess,
  runId: string,
  list: () => Promise<RunEvent[]>,
): Promise<RunEvent[]> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const events = await list();
    const last = events.at(-1);
    if (last === undefined || !isUnread(last)) return events;
    const text = await read({ runId, place: last.seq });
    if (text === null) continue;
    const parsed = (await parse(text)) as unknown as RunEvent[];
    for (const event of parsed) noteEventLength(event, text.length);
    return [...events.slice(0, -1), ...parsed];
  }
  throw damaged(`an event of run ${runId}`);
}

const MAX_TRIES = 3;

function damaged(what: string): ErrandError {
  return new ErrandError('internal', `The data file does not hold all of ${what}. Restore a backup.`);
}
