import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ErrandError } from '../../core/errors.js';
import { openPostgresMovable } from '../../store/postgres/moves/postgres-movable-records.js';
import { assertPostgresUrl } from '../../store/postgres/connection/address.js';
import type { MovableRecords } from '../../store/rows/moves/movable-records.js';
import { openSqliteMovable } from '../../store/sqlite/moves/sqlite-movable-records.js';
import { DATABASE } from '../assembly/data-folder.js';
import { newId } from '../process/new-id.js';
import { type Moved, type MoveProgress, moveRecords } from './move-records.js';

const URL_OF_ANY_KIND = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Moves all records from a data folder to a Postgres database, or back. `from` and `to`: a folder's path, or a URL. */
export async function move(params: {
  readonly from: string;
  readonly to: string;
  readonly onProgress?: (progress: MoveProgress) => void;
}): Promise<Moved> {
  if (isUrl(params.from) === isUrl(params.to)) {
    throw new ErrandError(
      'invalid_input',
      'Records are moved from a data folder to a Postgres database, or from one to the other kind: both sides are of one kind here.',
    );
  }
  const from = await openSide(params.from, { mayBeNew: false });
  try {
    const to = await openSide(params.to, { mayBeNew: true });
    try {
      const { onProgress } = params;
      return await moveRecords({ from, to, now: Date.now, newId, ...(onProgress === undefined ? {} : { onProgress }) });
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Makes records that were moved, or are being moved, the ones to go on from. Gives where they were moved to, if so. */
export async function undoMove(from: string): Promise<string | null> {
  const side = await openSide(from, { mayBeNew: false });
  try {
    const mark = await side.findMark();
    if (mark === null) return null;
    if (mark.direction === 'here') {
      throw new ErrandError(
        'conflict',
        `${side.place} holds part of a move from ${mark.other}: it is of no use alone.`,
      );
    }
    await side.clearMark();
    return mark.other;
  } finally {
    await side.close();
  }
}

function isUrl(side: string): boolean {
  return URL_OF_ANY_KIND.test(side);
}

async function openSide(side: string, params: { readonly mayBeNew: boolean }): Promise<MovableRecords> {
  if (isUrl(side)) {
    assertPostgresUrl(side, 'The database');
    return openPostgresMovable(side);
  }
  const folder = resolve(side);
  if (params.mayBeNew) await mkdir(folder, { recursive: true, mode: 0o700 });
  return openSqliteMovable({ path: join(folder, DATABASE), place: folder, mayBeNew: params.mayBeNew });
}
