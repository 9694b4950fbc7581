import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HandlersUnderTest } from '../../../test/support/runs/handlers-under-test.js';
import type { HandlerContext } from '../../core/handlers/node-kind.js';
import type { HandlerWorkersOptions, WorkerKind } from './handler-workers.js';

const CODE = `
import { appendFileSync, existsSync } from 'node:fs';
export const pid = () => process.pid;
export const loop = () => { for (;;); };
export const loopUntil = ({ input }) => { while (!existsSync(input.file)); return 'stopped'; };
export const mayLoop = ({ input }) => { if (input.loop) for (;;); return process.pid; };
export const never = () => new Promise(() => {});
export const maybe = ({ input }) => (input.exit ? process.exit(3) : process.pid);
export const exit = () => process.exit(3);
export const late = () => { setTimeout(() => { throw new Error('nobody awaits'); }, 10); return new Promise(() => {}); };
export const heap = () => { const all = []; for (;;) all.push(new Array(100_000).fill(Math.random())); };
export const bytes = () => { const all = []; for (;;) all.push(Buffer.alloc(10_000_000, 1)); };
export const kill = ({ input }) => { appendFileSync(input.notes, 'x'); process.kill(process.pid, 'SIGKILL'); };
export const wait = async ({ input }) => { await new Promise((resolve) => setTimeout(resolve, input.ms)); return process.pid; };
export const lateStep = async ({ step, progress }) => {
  let begun = 0;
  const working = step('s', () => (begun += 1));
  progress(50);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const until = Date.now() + 900; Date.now() < until;);
  await working;
  return begun;
};
export const once = async ({ input }) => {
  appendFileSync(input.notes, 'x');
  await new Promise((resolve) => setTimeout(resolve, input.ms));
  return 'done';
};
export const compute = ({ input }) => {
  const end = performance.now() + input.ms;
  while (performance.now() < end);
  return process.pid;
};
export const leave = () => { setTimeout(() => { throw new Error('much later'); }, 300); return 'left'; };
`;

/** On a busy machine a worker may be silent for seconds: that ends none where it is not said. */
function open(kind: WorkerKind = 'process', options: Partial<HandlerWorkersOptions> = {}) {
  const handlers = new HandlersUnderTest(kind, { silenceMs: 60_000, ...options });
  onTestFinished(() => handlers.close());
  const file = handlers.write(CODE);
  const notes = join(handlers.folder, 'notes');
  return { handlers, file, notes, noted: () => readFileSync(notes, 'utf8') };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.each(['process', 'thread'] as const)('a handler in a %s', (kind) => {
  it('that never gives way fails as unresponsive, and the next call is answered', async () => {
    const { handlers, file } = open(kind, { silenceMs: 500 });
    await expect(handlers.call(file, 'loop')).rejects.toMatchObject({ kind: 'unresponsive' });
    expect(await handlers.call(file, 'pid')).toEqual(expect.any(Number));
  });

  it('that waits for its module, which another call loads, computes elsewhere when that one does not give way', async () => {
    const { handlers } = open(kind, { silenceMs: 2_000 });
    const slow = handlers.write(`await new Promise((resolve) => setTimeout(resolve, 300));\n${CODE}`);
    // One after another in one worker, they would take longer than a worker may be silent.
    const calls = Array.from({ length: 6 }, () => handlers.call(slow, 'compute', { input: { ms: 500 } }));
    expect(await Promise.all(calls)).toHaveLength(6);
  });

  it('that is given up while its module is loaded is not begun', async () => {
    const { handlers, notes } = open(kind);
    writeFileSync(notes, '');
    const slow = handlers.write(`await new Promise((resolve) => setTimeout(resolve, 600));\n${CODE}`);
    const given = handlers.call(slow, 'once', { input: { notes, ms: 0 }, timeoutMs: 200 });
    await expect(given).rejects.toThrow('its time is up');
    await handlers.call(slow, 'pid');
    expect(readFileSync(notes, 'utf8')).toBe('');
  });

  it('that its worker gets to too late is begun once what it was sent on has been confirmed again', async () => {
    const { handlers, notes } = open(kind);
    writeFileSync(notes, '');
    const slow = handlers.write(`await new Promise((resolve) => setTimeout(resolve, 600));\n${CODE}`);
    let confirmed = 0;
    const confirm = (): void => void (confirmed += 1);
    await handlers.call(slow, 'once', { input: { notes, ms: 0 }, fresh: { ms: 300, confirm } });
    expect([confirmed, readFileSync(notes, 'utf8')]).toEqual([2, 'x']);
  });

  it('has the work of a step begun once it was confirmed again, where its worker gets to that too late', async () => {
    const { handlers, file } = open(kind);
    await handlers.call(file, 'pid');
    let confirmed = 0;
    const confirm = (): void => void (confirmed += 1);
    let busy = (): void => undefined;
    const isBusy = new Promise<void>((resolve) => (busy = resolve));
    const context = {
      progress: () => void setTimeout(busy, 200),
      step: async <T>(_: string, work: () => Promise<T> | T): Promise<T> => {
        await isBusy;
        return work();
      },
    };
    expect(await handlers.call(file, 'lateStep', { context, fresh: { ms: 300, confirm } })).toBe(1);
    expect(confirmed).toBe(2);
  });

  it.each(['loop', 'never'])('that goes on after its time is ended with its worker: %s', async (name) => {
    const { handlers, file } = open(kind);
    await handlers.call(file, 'pid');
    await expect(handlers.call(file, name, { timeoutMs: 200 })).rejects.toThrow('its time is up');
  });

  it.each([
    ['exit', 'it called process.exit(3)'],
    ['late', 'nobody awaits'],
  ])('that ends its worker whenever it runs fails the third time: %s', async (name, why) => {
    const { handlers, file } = open(kind);
    const error = { kind: 'crashed', message: expect.stringContaining(why) as string };
    await expect(handlers.call(file, name)).rejects.toMatchObject(error);
    expect(handlers.lines.filter(({ message }) => message.startsWith('A worker for handlers has ended'))).toHaveLength(
      3,
    );
  });
});

describe('a handler in a process', () => {
  it.each(['heap', 'bytes'])('whose memory runs out fails with that: %s', async (name) => {
    const { handlers, file } = open('process');
    await expect(handlers.call(file, name)).rejects.toMatchObject({ kind: 'out_of_memory' });
  });

  it('that is killed three times was begun three times', async () => {
    const { handlers, file, notes, noted } = open();
    await expect(handlers.call(file, 'kill', { input: { notes } })).rejects.toMatchObject({ kind: 'crashed' });
    expect(noted()).toBe('xxx');
  });

  it('that was cut off twice by the death of the server fails when its worker ends once', async () => {
    const { handlers, file, notes, noted } = open();
    const call = handlers.start(file, 'kill', { input: { notes }, cutOffs: 2 });
    await expect(call.result).rejects.toMatchObject({
      kind: 'crashed',
      message: expect.stringContaining('or the server, ended 3 times') as string,
    });
    expect(noted()).toBe('x');
    expect(call.noted).toEqual([]);
  });

  it('has each end of its worker noted before it is made again', async () => {
    const { handlers, file, notes, noted } = open();
    const call = handlers.start(file, 'kill', { input: { notes } });
    await expect(call.result).rejects.toMatchObject({ kind: 'crashed' });
    expect(call.noted).toEqual([1, 2]);
    expect(noted()).toBe('xxx');
  });

  it('fails as crashed however often its worker ends where that is not bounded by three', async () => {
    const { handlers, file, notes, noted } = open('process', { maxCrashes: 1 });
    await expect(handlers.call(file, 'kill', { input: { notes } })).rejects.toMatchObject({
      message: expect.stringContaining('ended once') as string,
    });
    expect(noted()).toBe('x');
  });

  it('is done again when another one ends its worker, and is not blamed for it', async () => {
    const { handlers, file, notes, noted } = open('process', { workers: 1, maxCrashes: 1 });
    await handlers.call(file, 'pid');
    const cutOff = handlers.call(file, 'once', { input: { notes, ms: 400 } });
    await expect.poll(noted).toBe('x');
    await expect(handlers.call(file, 'exit')).rejects.toMatchObject({ kind: 'crashed' });
    expect(await cutOff).toBe('done');
    expect(noted()).toBe('xx');
  });

  it('that ends its worker at once is found out beside one that waits, which comes to its end', async () => {
    const { handlers, file, notes, noted } = open('process', { workers: 1 });
    await handlers.call(file, 'pid');
    const at = (id: string) => ({ context: { node: { id, role: null, label: null } } });
    const waiting = handlers.start(file, 'once', { input: { notes: `${notes}-waiting`, ms: 700 }, ...at('waits') });
    await expect.poll(() => existsSync(`${notes}-waiting`)).toBe(true);
    await expect(handlers.call(file, 'kill', { input: { notes }, ...at('kills') })).rejects.toMatchObject({
      kind: 'crashed',
    });
    expect(noted()).toBe('xxx');
    expect(await waiting.result).toBe('done');
  });

  it('is done again when its worker is ended by what an earlier call has left behind', async () => {
    const { handlers, file, notes, noted } = open('process', { workers: 1, maxCrashes: 1 });
    expect(await handlers.call(file, 'leave')).toBe('left');
    expect(await handlers.call(file, 'once', { input: { notes, ms: 600 } })).toBe('done');
    expect(noted()).toBe('xx');
  });

  it('that has ended a worker is kept apart, as its organization uses it, and nothing else of its module is', async () => {
    const { handlers, file } = open('process', { workers: 1, maxCrashes: 1 });
    const bad = { node: { id: 'bad', role: null, label: null } };
    await expect(handlers.call(file, 'maybe', { input: { exit: true }, context: bad })).rejects.toMatchObject({
      kind: 'crashed',
    });
    const good = { node: { id: 'good', role: null, label: null } };
    const pidOf = (context: Partial<HandlerContext>) => handlers.call(file, 'maybe', { context });
    const shared = await pidOf(good);
    expect(await pidOf(bad)).not.toBe(shared);
    expect(await pidOf({ node: { id: 'bad/3', role: null, label: null } })).not.toBe(shared);
    expect(await pidOf({ ...bad, organization: { id: 'other', name: 'Other' } })).toBe(shared);
    expect(await pidOf(good)).toBe(shared);
  });

  it('settles when its worker is gone, not before', async () => {
    const { handlers, file } = open('process', { workers: 1 });
    const pid = Number(await handlers.call(file, 'pid'));
    await expect(handlers.call(file, 'never', { timeoutMs: 1_000 })).rejects.toThrow('its time is up');
    expect(isAlive(pid)).toBe(false);
  });

  it('shares its worker with hundreds that wait, and computes beside others', async () => {
    const { handlers, file } = open('process', { workers: 2 });
    const waiting = Array.from({ length: 300 }, () => handlers.call(file, 'wait', { input: { ms: 300 } }));
    const pids = new Set(await Promise.all(waiting));
    expect(pids.size).toBeLessThanOrEqual(2);
  });

  it('does not wait for a call that does not give way, though it was given to the same worker', async () => {
    const { handlers, file } = open('process', { workers: 1, silenceMs: 4_000 });
    await handlers.call(file, 'mayLoop');
    const looping = handlers.call(file, 'mayLoop', { input: { loop: true } });
    const order: string[] = [];
    await Promise.all([
      looping.catch(() => order.push('loop')),
      handlers.call(file, 'mayLoop').then(() => order.push('pid')),
    ]);
    expect(order).toEqual(['pid', 'loop']);
  });

  it('that has nothing to do ends, the last one too, and the next call is answered by another', async () => {
    const { handlers, file } = open('process', { idleMs: 100 });
    const first = (await handlers.call(file, 'pid')) as number;
    await expect.poll(() => isAlive(first), { timeout: 20_000 }).toBe(false);
    expect(await handlers.call(file, 'pid')).not.toBe(first);
  });

  it('does not wait for another node of its module that computes on as many workers as there are', async () => {
    const { handlers, file, notes } = open('process', { workers: 2 });
    await handlers.call(file, 'pid');
    const context = { node: { id: 'loops', role: null, label: null } };
    const loops = [1, 2].map(() => handlers.call(file, 'loopUntil', { context, input: { file: notes } }));
    // Both are known to compute by then.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await handlers.call(file, 'pid')).toEqual(expect.any(Number));
    writeFileSync(notes, '');
    expect(await Promise.all(loops)).toEqual(['stopped', 'stopped']);
  });

  it('does not outlive the server', async () => {
    const { handlers, file } = open();
    const main = new URL('../../../dist/isolation/handlers/handler-workers.js', import.meta.url);
    const program = `
      const { HandlerWorkers } = await import(${JSON.stringify(main.href)});
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const workers = new HandlerWorkers({ workers: 1, memoryMb: 64, silenceMs: 60000, maxCrashes: 3, logger: log });
      const call = (name) => workers.handlerAt({ file: ${JSON.stringify(file)}, export: name, nodeId: null }, 'process').call(
        { input: {}, run: { id: 'r', workflowId: 'w' }, node: { id: 'n' }, organization: { id: 'o' }, log },
        { timeoutMs: null, onAbort: () => () => {}, cutOffs: 0, beginWork: () => null, freshMs: null, noteCutOff: async () => {} });
      console.log(await call('pid'));
      void call('loop');
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 200);`;
    const server = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    await once(server, 'exit');
    await expect.poll(() => isAlive(Number(line.toString()))).toBe(false);
    expect(handlers.lines).toEqual([]);
  });
});

describe('a module that is inspected', () => {
  it('tells what it exports, workflows too', async () => {
    const { handlers } = open();
    const file = handlers.write(`
      const workflow = { definition: { id: 'w' }, functions: { a: () => 1 }, [Symbol.for('errand.workflow')]: true };
      export default workflow; export const again = workflow; export const number = 1; export function run() {}`);
    expect(await handlers.inspect(file)).toEqual({
      status: 'ok',
      report: {
        exports: [
          { name: 'again', isFunction: false, workflow: 0 },
          { name: 'default', isFunction: false, workflow: 0 },
          { name: 'number', isFunction: false, workflow: null },
          { name: 'run', isFunction: true, workflow: null },
        ],
        workflows: [{ definition: { id: 'w' }, functions: ['a'] }],
      },
    });
  });

  it.each([
    [`process.exit(0)`, 'it called process.exit(0)'],
    [`throw new Error('at the top')`, 'at the top'],
    [`for (;;);`, 'it did not answer for more than 500 ms'],
  ])('may do what it likes: %s', async (code, why) => {
    const { handlers } = open('process', { silenceMs: 500 });
    const answer = await handlers.inspect(handlers.write(code));
    expect(answer).toMatchObject({ status: 'faulty', fault: { message: expect.stringContaining(why) as string } });
  });
});
