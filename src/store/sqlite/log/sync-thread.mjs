// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread that does nothing but sync a file, for one that may wait for it a moment: see sync-thread.ts.
import { fdatasyncSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { memory, words, expectMs } = workerData;
const shared = new Int32Array(memory);

parentPort.postMessage(null);
for (let asked = 0; ;) {
  const bell = Atomics.load(shared, words.bell);
  if (Atomics.load(shared, words.asked) === asked) {
    Atomics.wait(shared, words.bell, bell);
    const end = performance.now() + expectMs;
    while (Atomics.load(shared, words.asked) === asked && performance.now() < end);
  }
  const next = Atomics.load(shared, words.asked);
  if (next === asked) continue;
  asked = next;
  Atomics.store(shared, words.errno, sync(Atomics.load(shared, words.fd)));
  Atomics.store(shared, words.done, asked);
  Atomics.notify(shared, words.done);
  if (Atomics.compareExchange(shared, words.messageFor, asked, 0) === asked) parentPort.postMessage(null);
}

function sync(fd) {
  try {
    fdatasyncSync(fd);
    return 0;
  } catch (error) {
    return error.errno;
  }
}
