import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { readClock } from './compute-time.mjs';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

/** A process that has one script run in a thread, and prints what the thread says. */
function runInProcess(job: object): AsyncIterator<string> {
  const worker = new URL('./sandbox-worker.mjs', import.meta.url).href;
  const program = `import { Worker } from 'node:worker_threads';
    const worker = new Worker(new URL(${JSON.stringify(worker)}), { execArgv: [], resourceLimits: { stackSizeMb: 4 } });
    worker.on('message', (told) => console.log(JSON.stringify(told)));
    worker.postMessage(${JSON.stringify(job)});`;
  child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
}

async function next(lines: AsyncIterator<string>): Promise<unknown> {
  return JSON.parse((await lines.next()).value as string);
}

describe('the thread of a script', () => {
  // Only Linux tells how long a thread has been on a core.
  it.skipIf(process.platform !== 'linux')(
    'does not count the time for which the system keeps it from a core',
    async () => {
      const time = 3_000;
      // Until the clock jumps, and on.
      const source = `let last = Date.now();
      for (let now = last; now - last < ${time}; now = Date.now()) last = now;
      for (let n = 0; n < 1_000_000; n += 1);
      return "ended"`;
      const lines = runInProcess({ source, input: '{}', memory: 2 ** 25, time, output: 100 });
      const { clock } = (await next(lines)) as { clock: string };
      const onCore = (): number => readClock(clock.replace('self', String(child?.pid))) ?? Number.NaN;
      const atBegin = onCore();
      await expect.poll(onCore, { timeout: 30_000, interval: 10 }).toBeGreaterThan(atBegin + 200);
      child?.kill('SIGSTOP');
      await once(spawn('sleep', [String((time + 200) / 1_000)]), 'exit');
      child?.kill('SIGCONT');
      expect(await next(lines)).toEqual({ kind: 'output', text: '"ended"', logs: [] });
    },
    60_000,
  );

  it('tells that a script begins before it runs it', async () => {
    const lines = runInProcess({ source: 'throw 1', input: '{}', memory: 2 ** 25, time: 60_000, output: 100 });
    expect([await next(lines), await next(lines)]).toMatchObject([
      { kind: 'begun' },
      { kind: 'script_error', message: '1' },
    ]);
  }, 60_000);
});
