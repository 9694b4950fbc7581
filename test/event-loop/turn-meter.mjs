// Preloaded into a server (`--import`): measures the longest turn of its event loop, and tells it to the process that
// started it, over IPC. A turn counts with its time on the clock or, if that is less, on the processor: what other
// processes take away is not counted. It also does a piece of work whose time on a calm machine is known, which tells how
// much slower a machine that is shared makes each turn.
import { performance } from 'node:perf_hooks';
import { threadTime } from '../support/thread-time.mjs';

const readProcessorMs = threadTime() ?? processTime;
let startedAt = performance.now();
let processorMs = readProcessorMs();
let longestMs = 0;
let works = 0;

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
/** Texts with names that were not seen before, as reading those is what costs most for its length. */
function knownWork() {
  const texts = Array.from({ length: 10 }, () => {
    works += 1;
    const objects = Array.from({ length: 4_000 }, (_, index) => `{"r${works}_${index.toString(36)}":${index}}`);
    return `[${objects.join(',')}]`;
  });
  endTurn();
  for (const text of texts) JSON.parse(text);
  const used = readProcessorMs() - processorMs;
  return Math.min(performance.now() - startedAt, used);
}

process.on('message', (asked) => {
  endTurn();
  const longest = longestMs;
  const told = asked === 'known work?' ? knownWork() : longest;
  endTurn();
  process.send?.(told);
  longestMs = 0;
});
process.channel?.unref();
