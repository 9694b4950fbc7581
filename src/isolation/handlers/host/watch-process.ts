import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BUSY_MS, VITALS } from '../wire/vitals.js';

/** Where notices are written. */
export const NOTICE_FD = 4;

/**
 * A thread that looks at the main one: in the midst of one long operation that one sees nothing, neither that the
 * server is gone nor that the memory runs out which the heap's own limit does not cover. Written as a text, as it is
 * loaded with nothing else.
 */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { vitals, mostBytes, parent } = workerData;
const state = new Int32Array(vitals);
const tell = (notice) => {
  try {
    writeSync(${NOTICE_FD}, JSON.stringify(notice) + '\\n');
    return true;
  } catch {
    return false;
  }
};
let beat = -1, since = 0, told = null, lastTold = 0, closing = 0;
function tellBusy(call) {
  const isNew = told === null;
  if (isNew) Atomics.store(state, ${VITALS.closed}, (closing += 1));
  if (tell({ kind: 'busy', call, begun: Atomics.load(state, ${VITALS.begun}), closing })) told = call;
  // Nobody heard that it is closed, so nobody would open it.
  else if (isNew) Atomics.store(state, ${VITALS.closed}, 0);
}
function look(now) {
  const newest = Atomics.load(state, ${VITALS.beat});
  if (newest !== beat) {
    beat = newest;
    since = now;
    if (told !== null) tell({ kind: 'free' });
    told = null;
  } else if (now - since >= ${BUSY_MS}) {
    const call = Atomics.load(state, ${VITALS.current});
    if (told !== call) tellBusy(call);
  }
  if (now - lastTold >= 1000) {
    lastTold = now;
    tell({ kind: 'beat' });
  }
}
for (;;) {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  if (Atomics.load(state, ${VITALS.calls}) === 0) {
    if (told !== null) tell({ kind: 'free' });
    told = null;
    Atomics.wait(state, ${VITALS.calls}, 0, 1000);
    since = performance.now();
    continue;
  }
  look(performance.now());
  if (process.memoryUsage.rss() > mostBytes) {
    const message = 'it used more than ' + Math.round(mostBytes / 1048576) + ' MB in all';
    tell({ kind: 'dying', why: 'out_of_memory', call: Atomics.load(state, ${VITALS.current}), message });
    process.kill(process.pid, 'SIGKILL');
  }
  Atomics.wait(state, ${VITALS.nap}, 0, 25);
}`;

/** Resolves when it looks: what comes before is not seen. */
export async function watchProcess(vitals: SharedArrayBuffer, mostBytes: number): Promise<void> {
  const options = { eval: true, env: {}, execArgv: [], stdout: true, stderr: true };
  const worker = new Worker(WATCH, { ...options, workerData: { vitals, mostBytes, parent: process.ppid } });
  await once(worker, 'online');
  worker.unref();
}
