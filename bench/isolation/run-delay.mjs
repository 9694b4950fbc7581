// How long the system has kept this process's main thread, and those of the processes that it started, from a core.
import { readFileSync } from 'node:fs';

/** In milliseconds; null where the system does not tell. */
export function readRunDelay() {
  const own = delayOf('/proc/self/schedstat');
  if (own === null) return null;
  return startedProcesses().reduce((sum, pid) => sum + (delayOf(`/proc/${pid}/schedstat`) ?? 0), own);
}

function delayOf(file) {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return null;
  }
}

function startedProcesses() {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}
