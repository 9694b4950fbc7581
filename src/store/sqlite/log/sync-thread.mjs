// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread that does nothing but sync a file: see sync-thread.ts.
import { fdatasyncSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { memory, words } = workerData;
const shared = new Int32Array(memory);

parentPort.postMessage(null);
for (let asked = 0; ; asked = (asked + 1) | 0) {
  Atomics.wait(shared, words.asked, asked);
  const began = performance.now();
  Atomics.store(shared, words.errno, sync(Atomics.load(shared, words.fd)));
  Atomics.store(shared, words.tookMicros, (performance.now() - began) * 1_000);
  parentPort.postMessage(null);
}

function sync(fd) {
  try {
    fdatasyncSync(fd);
    return 0;
  } catch (error) {
    return error.errno;
  }
}
