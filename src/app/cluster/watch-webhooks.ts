import type { Clock } from '../../core/ports/clock.js';
import type { PostgresStore } from '../../store/postgres/postgres-store.js';

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
  let cancel = (): void => undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    // What cannot be read now is read the next time.
    const mark = await shared.markWebhooks().catch(() => known);
    if (isOver) return;
    cancel = clock.schedule(EVERY_MS, () => void look());
    if (mark === known) return;
    known = mark;
    listener();
  };
  cancel = clock.schedule(EVERY_MS, () => void look());
  return {
    stop: () => {
      isOver = true;
      cancel();
    },
  };
}
