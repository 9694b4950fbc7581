import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installOnce } from '../../cluster/lib/install-once.mjs';
import { repository } from '../support/server/server-process.js';

const workflows = join(import.meta.dirname, 'workflows');
const run = spawn(process.execPath, [join(repository, 'cluster', 'run.mjs'), '--port', '0', '--workflows', workflows], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
let said = '';
beforeAll(async () => {
  await installOnce(join(repository, 'cluster'));
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
}, 180_000);
afterAll(() => void run.kill('SIGKILL'));

const told = (pattern: RegExp): string => pattern.exec(said)?.[1] ?? '';

it('npm run cluster prints what works when it is pasted, goes on without one of its processes, and leaves nothing', async () => {
  await expect.poll(() => said, { timeout: 120_000 }).toContain('Ctrl-C stops all of it');
  const url = told(/ERRAND_URL=(\S+)/);
  const start = async (): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${told(/ERRAND_API_KEY=(\S+)/)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ workflow_id: 'works', input: { ms: 10 }, wait_seconds: 25 }),
    });
    return await response.json();
  };
  expect(await start()).toMatchObject({ status: 'completed', output: 'worked' });
  expect(said).not.toContain('has ended');
  process.kill(Number(told(/kill -9 (\d+)/)), 'SIGKILL');
  await expect.poll(() => said, { timeout: 30_000 }).toContain('has ended (SIGKILL)');
  await expect.poll(() => start().catch(() => null), { timeout: 30_000 }).toMatchObject({ status: 'completed' });
  const pids = [...said.matchAll(/\((\d+)\)/g)].map((match) => Number(match[1]));
  expect(pids).toHaveLength(7);
  const data = told(/Postgres +postgresql:\S+ \(\d+\) in (\S+)/);
  expect(existsSync(data)).toBe(true);
  run.kill('SIGINT');
  await once(run, 'exit');
  expect(existsSync(data)).toBe(false);
  expect(pids.filter(isAlive)).toEqual([]);
}, 180_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
