// Preloaded into a server (`--import`): measures the longest turn of its event loop, and tells it to the process that
// started it, over IPC. A turn counts with its time on the clock or, if that is less, on the processor: what other
// processes take away is not counted.
import { openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const readProcessorMs = threadTime() ?? processTime;
let startedAt = performance.now();
let processorMs = readProcessorMs();
let longestMs = 0;

/** Of this thread alone, where Linux tells it: those that collect garbage beside it are not to count. */
function threadTime() {
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const buffer = Buffer.alloc(100);
    const read = () => parseInt(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)), 10) / 1e6;
    return Number.isFinite(read()) ? read : null;
  } catch {
    return null;
  }
}

function processTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

function endTurn() {
  const now = performance.now();
  const used = readProcessorMs();
  longestMs = Math.max(longestMs, Math.min(now - startedAt, used - processorMs));
  startedAt = now;
  processorMs = used;
}

setInterval(endTurn, 1).unref();
process.on('message', () => {
  endTurn();
  process.send?.(longestMs);
  longestMs = 0;
});
process.channel?.unref();
