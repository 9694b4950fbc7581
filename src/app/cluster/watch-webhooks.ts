import type { Clock } from '../../core/ports/clock.js';
import type { PostgresStore } from '../../store/postgres/postgres-store.js';
import { lookAgain } from './look-again.js';

/** Commits of runs that end before a process knows of a webhook tell it nothing. */
const EVERY_MS = 800;

/**
 * Calls `listener` when webhooks were made, changed or deleted, by whichever process: notices of that may be lost, and
 * are behind a pooler. Also after the first look.
 */
export function watchWebhooks(params: {
  readonly shared: Pick<PostgresStore['shared'], 'markWebhooks'>;
  readonly clock: Clock;
  readonly listener: () => void;
}): { stop(): void } {
  const { shared, clock, listener } = params;
  let known: string | null = null;
  const look = async (isOver: () => boolean): Promise<void> => {
    // What cannot be read now is read the next time.
    const mark = await shared.markWebhooks().catch(() => known);
    if (isOver() || mark === known) return;
    known = mark;
    listener();
  };
  return lookAgain({ clock, everyMs: EVERY_MS, look });
}
