import { openSync, readSync } from 'node:fs';

/**
 * Reads how long this thread has had a processor, in milliseconds, where Linux tells it: what others take from it is not
 * counted. Elsewhere the time on the clock.
 */
export const readThreadMs = ofThisThread() ?? (() => performance.now());

function ofThisThread(): (() => number) | null {
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const buffer = Buffer.alloc(100);
    const read = () => Number.parseInt(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)), 10);
    return Number.isFinite(read()) ? () => read() / 1e6 : null;
  } catch {
    return null;
  }
}
