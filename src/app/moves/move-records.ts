/**
 * Moves all records from one store to the other kind.
 *
 * 1. From its mark on, nobody can write to the source, and no server starts on either side.
 * 2. Rows are copied a page at a time in the order of their keys, each page in a transaction of its own. After a
 *    cut-off, each table goes on behind the last key that is there.
 * 3. Both sides are then read whole, and compared by their counts and hashes. Only then the source is marked as moved,
 *    and after that the destination as open.
 */
import { createHash } from 'node:crypto';
import type { NewId } from '../../core/ports/clock.js';
import { ErrandError } from '../../core/errors.js';
import {
  keyOf,
  type MovableRecords,
  type MovedRow,
  type MovedTable,
  type MoveMark,
} from '../../store/rows/moves/movable-records.js';
import { planTables } from '../../store/rows/moves/plan-tables.js';

export interface MoveParams {
  readonly from: MovableRecords;
  readonly to: MovableRecords;
  readonly now: () => number;
  readonly newId: NewId;
  readonly onProgress?: (progress: MoveProgress) => void;
}

export interface MoveProgress {
  readonly doing: 'copying' | 'comparing';
  readonly table: string;
  readonly rows: number;
}

/** What both sides have in common once a table has been moved. */
export interface MovedCount {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 of all its rows. */
  readonly hash: string;
}

export interface Moved {
  readonly mark: MoveMark;
  /** Empty when it had been moved before. */
  readonly tables: readonly MovedCount[];
}

/** Rows of a page, and the characters that a page is to have at most. */
const MAX_ROWS = 1_000;
const FIRST_ROWS = 50;
const PAGE_LENGTH = 4 * 1024 * 1024;

/** Throws `conflict` when the destination holds records that are none of this move. */
export async function moveRecords(params: MoveParams): Promise<Moved> {
  const { from, to, now } = params;
  const tables = planTables(from.tables, to.tables);
  const mark = await begin(params, tables);
  if (mark.doneAt !== null) {
    await open(to, mark);
    return { mark, tables: [] };
  }
  for (const table of tables) await copy(params, table);
  const counts: MovedCount[] = [];
  for (const table of tables) counts.push(await compare(params, table));
  const done = { ...mark, doneAt: now() };
  await from.setMark(done);
  await to.clearMark();
  return { mark: done, tables: counts };
}

/** Only where the last thing of the move was cut off is anything left to do. */
async function open(to: MovableRecords, { id }: MoveMark): Promise<void> {
  const there = await to.findMark();
  if (there?.direction === 'here' && there.id === id) await to.clearMark();
}

async function begin({ from, to, now, newId }: MoveParams, tables: readonly MovedTable[]): Promise<MoveMark> {
  const [left, arriving] = [await from.findMark(), await to.findMark()];
  if (left?.direction === 'here') {
    throw conflict(`What is in ${from.place} is still on its way there from ${left.other}: end that move first.`);
  }
  if (left !== null && left.other !== to.place) {
    const verb = left.doneAt === null ? 'are being moved' : 'were moved';
    throw conflict(`The records of ${from.place} ${verb} to ${left.other}, and not to ${to.place}.`);
  }
  if (left !== null && left.doneAt !== null) return left;
  if (left === null || arriving?.id !== left.id) await assertEmpty(to, tables, arriving);
  await from.assertAtRest();
  const mark = left ?? { id: newId(), direction: 'away', other: to.place, begunAt: now(), doneAt: null };
  await from.setMark(mark);
  // Whoever wrote before the mark did is told of by what is at rest.
  await to.setMark({ ...mark, direction: 'here', other: from.place });
  return mark;
}

async function assertEmpty(
  to: MovableRecords,
  tables: readonly MovedTable[],
  arriving: MoveMark | null,
): Promise<void> {
  if (arriving !== null) {
    throw conflict(
      arriving.direction === 'here'
        ? `${to.place} holds part of another move, from ${arriving.other}: name an empty place.`
        : `The records of ${to.place} were moved to ${arriving.other}: name an empty place.`,
    );
  }
  for (const table of tables) {
    if ((await to.lastKey(table)) === null) continue;
    throw conflict(`${to.place} holds records already (${table.name}): name an empty place.`);
  }
}

async function copy({ from, to, onProgress }: MoveParams, table: MovedTable): Promise<void> {
  let rows = 0;
  for await (const page of pagesOf(from, table, await to.lastKey(table))) {
    await to.write(table, page);
    rows += page.length;
    onProgress?.({ doing: 'copying', table: table.name, rows });
  }
}

/** Pages of about the same length, however long the rows are. */
async function* pagesOf(
  records: MovableRecords,
  table: MovedTable,
  behind: MovedRow | null = null,
): AsyncGenerator<readonly MovedRow[]> {
  let after = behind;
  for (let limit = FIRST_ROWS; ;) {
    const page = await records.read(table, { after, limit });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = keyOf(table, last);
    const length = page.reduce((sum, row) => sum + lengthOf(row), 0) / page.length;
    limit = Math.max(1, Math.min(MAX_ROWS, Math.floor(PAGE_LENGTH / length)));
  }
}

function lengthOf(row: MovedRow): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}

async function compare({ from, to, onProgress }: MoveParams, table: MovedTable): Promise<MovedCount> {
  const count = async (records: MovableRecords): Promise<MovedCount> => {
    const hash = createHash('sha256');
    let rows = 0;
    for await (const page of pagesOf(records, table)) {
      for (const row of page) hash.update(`${JSON.stringify(row)}\n`);
      rows += page.length;
      onProgress?.({ doing: 'comparing', table: table.name, rows });
    }
    return { table: table.name, rows, hash: hash.digest('hex') };
  };
  const [here, there] = [await count(from), await count(to)];
  if (here.hash === there.hash && here.rows === there.rows) return here;
  throw conflict(
    `${table.name} is not the same on both sides: ${here.rows} rows in ${from.place}, ${there.rows} in ${to.place}` +
      `${here.rows === there.rows ? ', with other values' : ''}. Somebody has changed what was copied. Empty ${to.place}, ` +
      'and move once more.',
  );
}

function conflict(message: string): ErrandError {
  return new ErrandError('conflict', message);
}
