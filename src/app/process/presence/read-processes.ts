import type { ApiProcess } from '../../../api/system-types.js';
import type { Clock } from '../../../core/ports/clock.js';

/** A process that is at work on the records. */
export interface SeenProcess {
  /** Host and process, for people. */
  readonly place: string;
  /** Its version. */
  readonly program: string;
  /** When it last said that it is there. */
  readonly seenAt: number;
  readonly isThis: boolean;
}

/** A process says every five seconds that it is there. */
const SILENT_MS = 30_000;

/** The processes that are at work on the same records, or were within the hour. */
export async function readProcesses({
  listProcesses,
  clock,
}: {
  readonly listProcesses: () => Promise<readonly SeenProcess[]>;
  readonly clock: Clock;
}): Promise<readonly ApiProcess[]> {
  const now = clock.now();
  return (await listProcesses()).map(({ place, program, seenAt, isThis }) => ({
    place,
    version: program,
    seen_at: new Date(seenAt).toISOString(),
    alive: isThis || now - seenAt < SILENT_MS,
    answers: isThis,
  }));
}
