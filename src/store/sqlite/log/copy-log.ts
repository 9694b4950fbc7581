import type { DiskThread } from './disk-thread.js';

/** The write-ahead log while it is copied into the database. */
export interface LogState {
  /** Whether commits wait for the disk by themselves. */
  readonly isDirect: boolean;
  /** How many pages it holds. */
  readonly frames: () => number;
  /** Resolves when all that is committed is durable. */
  readonly durable: () => Promise<void>;
  /** No batch is begun any more, and all that is committed is durable. */
  readonly closeGate: () => Promise<void>;
  /** From here on all of it is in the database, on disk. */
  readonly noteCopied: () => void;
}

/**
 * `put off`: others still read what would be overwritten. `in the way`: they began to just now, and all has been
 * copied.
 */
export type CopyOutcome = 'begun anew' | 'put off' | 'in the way';

/** What may be left to copy while commits wait. Pages. */
const SMALL_REST = 500;
const MAX_ROUNDS = 5;

/**
 * Copies the log into the database and starts it again. While most of it is copied, commits go on; for the rest, and
 * until its new beginning is synced, they wait. See the invariants of `DiskLog`. Throws what the disk throws.
 */
export async function copyLog(params: {
  readonly thread: DiskThread;
  readonly path: string;
  readonly log: LogState;
}): Promise<CopyOutcome> {
  const { thread, log } = params;
  try {
    if (!(await copyMost(params)) && !log.isDirect) return 'put off';
    await log.closeGate();
    const frames = log.frames();
    const { isBusy } = await thread.ask('copyRest', {});
    if (isBusy) return 'in the way';
    log.noteCopied();
    await thread.ask('beginAnew', {});
    return log.frames() > frames ? 'in the way' : 'begun anew';
  } finally {
    await thread.ask('release', {}).catch(() => undefined);
  }
}

/** Whether no other reader holds any of it back. */
async function copyMost({ thread, path, log }: { thread: DiskThread; path: string; log: LogState }): Promise<boolean> {
  for (let round = 1; ; round += 1) {
    // No more than the thread's snapshot holds, which is taken after this.
    const held = log.frames();
    await thread.ask('hold', { path });
    await log.durable();
    const { copied } = await thread.ask('copy', {});
    if (copied < held) return false;
    if (log.frames() - held <= SMALL_REST || round === MAX_ROUNDS) return true;
  }
}
