import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ProcessPool, type PoolJob } from './process-pool.js';

const folder = mkdtempSync(join(tmpdir(), 'errand-pool-'));
const file = join(folder, 'program.mjs');
// Does as it is told, and says in which process, and what it knows of the environment.
writeFileSync(
  file,
  `let parts = [];
   process.on('message', ({ act, part, after = 0 }) => {
     if (part !== undefined) return void parts.push(part);
     if (act === 'loop') for (;;);
     if (act === 'exit') process.exit(1);
     if (act === 'kill') process.kill(process.pid, 'SIGKILL');
     const had = parts;
     parts = [];
     setTimeout(() => process.send({ pid: process.pid, parts: had, env: Object.keys(process.env).filter((name) => name !== 'NODE_CHANNEL_FD') }), after);
   });
   process.send('ready');`,
);
const pools: ProcessPool[] = [];

function newPool(params: { readonly size: number; readonly idleMs?: number; readonly file?: string }): ProcessPool {
  const pool = new ProcessPool({ file, memoryMb: 64, ...params });
  pools.push(pool);
  return pool;
}

function job(act: string, group = 'a', more: { readonly timeMs?: number; readonly after?: number } = {}): PoolJob {
  return { message: { act, after: more.after ?? 0 }, group, timeMs: more.timeMs ?? 10_000 };
}

afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a pool of processes', () => {
  it('starts none before there is work, and does one thing after the other in the same process', async () => {
    const pool = newPool({ size: 2 });
    expect(pool.processes).toBe(0);
    const answers = [await pool.run(job('tell')), await pool.run(job('tell'))];
    expect(pool.processes).toBe(1);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ env: [] });
  });

  it('sends what goes before a message first, to a new process too', async () => {
    const pool = newPool({ size: 1 });
    const before = Array.from({ length: 60 }, (_, index) => ({ part: index + 'x'.repeat(100_000) }));
    const parts = before.map(({ part }) => part);
    expect(await pool.run({ ...job('tell'), before })).toMatchObject({ parts });
    expect(await pool.run({ ...job('tell'), before: before.slice(0, 2) })).toMatchObject({ parts: parts.slice(0, 2) });
    expect(await pool.run(job('tell'))).toMatchObject({ parts: [] });
    const killed = pool.run({ ...job('kill'), before });
    const next = pool.run({ ...job('tell'), before });
    await expect(killed).rejects.toMatchObject({ reason: 'died' });
    expect(await next).toMatchObject({ parts });
  });

  it('ends work whose time is over with its process, and goes on with the next', async () => {
    const pool = newPool({ size: 1 });
    const looping = pool.run(job('loop', 'a', { timeMs: 50 }));
    const next = pool.run(job('tell'));
    await expect(looping).rejects.toMatchObject({ name: 'WorkEnded', reason: 'timeout' });
    await expect(next).resolves.toMatchObject({ env: [] });
  });

  it('tells of work that ends its process', async () => {
    await expect(newPool({ size: 1 }).run(job('exit'))).rejects.toMatchObject({ name: 'WorkEnded', reason: 'died' });
  });

  it('does work again whose process somebody has killed, once', async () => {
    await expect(newPool({ size: 1 }).run(job('kill'))).rejects.toMatchObject({ reason: 'died' });
  });

  it('lets groups take turns', async () => {
    const pool = newPool({ size: 1 });
    const order: string[] = [];
    const run = async (group: string): Promise<void> => {
      await pool.run(job('tell', group));
      order.push(group);
    };
    await Promise.all([run('a'), run('a'), run('a'), run('b'), run('c')]);
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
  });

  it('keeps a process for others when one group has much to do', async () => {
    const pool = newPool({ size: 2 });
    const long = [pool.run(job('loop', 'a', { timeMs: 60_000 })), pool.run(job('loop', 'a', { timeMs: 60_000 }))];
    await expect(pool.run(job('tell', 'b'))).resolves.toMatchObject({ env: [] });
    expect(pool.processes).toBe(2);
    pool.close();
    await expect(Promise.all(long)).rejects.toThrow('closing');
  });

  it('replaces at once, side by side, the processes that were ended with their work', async () => {
    const [gate = '', begun = '', taken = '', gated = ''] = ['gate', 'begun', 'taken', 'gated.mjs'].map((name) =>
      join(folder, name),
    );
    // Says that it has begun, and takes work for as long as there is no gate.
    writeFileSync(
      gated,
      `import { appendFileSync, existsSync } from 'node:fs';
       process.on('message', () => { appendFileSync(${JSON.stringify(taken)}, 'x'); for (;;); });
       appendFileSync(${JSON.stringify(begun)}, process.pid + ' ');
       if (existsSync(${JSON.stringify(gate)})) setInterval(() => undefined, 1_000);
       else process.send('ready');`,
    );
    const pids = (): number[] => readFileSync(begun, 'utf8').trim().split(' ').map(Number);
    writeFileSync(taken, '');
    const pool = newPool({ size: 3, file: gated });
    const ends = ['a', 'b', 'c'].map((group) =>
      pool.run(job('loop', group, { timeMs: 60_000 })).catch(() => undefined),
    );
    await expect.poll(() => readFileSync(taken, 'utf8'), { timeout: 20_000 }).toBe('xxx');
    writeFileSync(gate, '');
    for (const pid of pids()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(6);
    pool.close();
    await Promise.all(ends);
  }, 60_000);

  it('ends processes that have nothing to do', async () => {
    const pool = newPool({ size: 1, idleMs: 1 });
    await pool.run(job('tell'));
    await expect.poll(() => pool.processes).toBe(0);
  });

  it('tells why no process can be had', async () => {
    const pool = newPool({ size: 1, file: join(folder, 'nothing.mjs') });
    await expect(pool.run(job('tell'))).rejects.toThrow('could not be started: it ended with 1');
  });

  it('takes nothing once it is closed', async () => {
    const pool = newPool({ size: 1 });
    pool.close();
    await expect(pool.run(job('tell'))).rejects.toThrow('closing');
  });
});
