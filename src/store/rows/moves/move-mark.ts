import { ErrandError } from '../../../core/errors.js';
import type { MoveMark } from './movable-records.js';

/** A row of the table `moves`, which holds one at most. */
export interface MoveRow {
  readonly move_id: string;
  readonly direction: MoveMark['direction'];
  readonly other: string;
  readonly begun_at: number;
  readonly done_at: number | null;
}

export function toMark(found: unknown): MoveMark | null {
  if (found === undefined) return null;
  const row = found as MoveRow;
  return {
    id: row.move_id,
    direction: row.direction,
    other: row.other,
    begunAt: row.begun_at,
    doneAt: row.done_at,
  };
}

/** Throws `unavailable` for records that nobody may work on, as they are on their way or are elsewhere. */
export function assertNotMoved(place: string, mark: MoveMark | null): void {
  if (mark === null) return;
  const { direction, other, begunAt, doneAt } = mark;
  const told =
    direction === 'here'
      ? `are still being moved here from ${other}: run the same \`errand move\` again until it says that it is done`
      : doneAt === null
        ? `are being moved to ${other}: run the same \`errand move\` again until it says that it is done, or give the move up with \`errand move --undo\``
        : `were moved to ${other} (${new Date(doneAt).toISOString()}): open them there. What is here is the state of then; \`errand move --undo\` makes it the one to go on from`;
  throw new ErrandError(
    'unavailable',
    `The records of ${place} ${told}. The move began ${new Date(begunAt).toISOString()}.`,
  );
}
