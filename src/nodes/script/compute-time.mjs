import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** So long a thread may wait for a core, all in all, without that counting against its time. */
const MAX_WAIT_MS = 30_000;

/** Where Linux tells how long this thread has been on a core; null on other systems. */
export function findOwnClock() {
  try {
    const file = `/proc/self/task/${basename(readlinkSync('/proc/thread-self'))}/schedstat`;
    return readClock(file) === null ? null : file;
  } catch {
    return null;
  }
}

/** How many milliseconds a thread has been on a core; null where nobody tells. */
export function readClock(file) {
  if (file === null) return null;
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}

/** How long a thread has computed since this was made, and may go on: what it waits for a core does not count. */
export class ComputeTime {
  #timeMs;
  #from;

  constructor({ timeMs, now, onCore }) {
    this.#timeMs = timeMs;
    this.#from = { now, onCore };
  }

  /** In milliseconds; 0 or less when its time is up. Where nobody tells how long it was on a core, all time counts. */
  left({ now, onCore }) {
    const took = now - this.#from.now;
    const waited = onCore === null || this.#from.onCore === null ? 0 : took - (onCore - this.#from.onCore);
    return this.#timeMs - took + Math.min(Math.max(0, waited), MAX_WAIT_MS);
  }
}
