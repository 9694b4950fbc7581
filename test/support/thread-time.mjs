import { openSync, readSync } from 'node:fs';

/** Made where it is to be read: it tells of that thread alone, as those that collect garbage beside it are not to count. */
export function threadTime() {
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const buffer = Buffer.alloc(100);
    const read = () => parseInt(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)), 10) / 1e6;
    return Number.isFinite(read()) ? read : null;
  } catch {
    return null;
  }
}
