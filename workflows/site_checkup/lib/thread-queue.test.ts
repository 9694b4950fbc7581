import { expect, it } from 'vitest';
import { ThreadQueue } from './thread-queue.js';

const WORKER = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', (ms) => {
  if (ms < 0) for (;;);
  setTimeout(() => parentPort.postMessage({ result: ms }), ms);
});`;

function queueOf(limitMs: number): ThreadQueue<number, number> {
  const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(WORKER)}`);
  return new ThreadQueue({ workerUrl, limitMs, what: 'the work' });
}

it('waits longer for a job that has not had its time of a processor', async () => {
  expect(await queueOf(500).run(1_200, new AbortController().signal)).toBe(1_200);
});

it('ends a job that has had it, and goes on with the next', async () => {
  const queue = queueOf(500);
  const { signal } = new AbortController();
  const endless = queue.run(-1, signal);
  const next = queue.run(1, signal);
  await expect(endless).rejects.toThrow('the work took over 0.5 s');
  expect(await next).toBe(1);
});
