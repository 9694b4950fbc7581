import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLogger as logger } from '../../core/ports/logger.js';
import type { HandlerContext } from '../../core/handlers/node-kind.js';
import { NO_BOUNDS } from '../../testing/node-context.js';
import { Callee } from './pool/callee.js';
import { KnownSources, type Known } from './pool/known-sources.js';
import { HandlerPool } from './pool/handler-pool.js';
import type { Behind, LinkEvents } from './pool/worker-link.js';
import type { ToWorker } from './wire/messages.js';

/** A worker that says what the test has it say. */
class ScriptedWorker {
  readonly posted: ToWorker[] = [];
  readonly events: LinkEvents;
  readonly steps: Behind[] = [];
  isKilled = false;

  constructor(events: LinkEvents) {
    this.events = events;
  }

  get calls(): number[] {
    return this.posted.flatMap((message) =>
      message.kind === 'inspect' || message.kind === 'call' ? [message.call] : [],
    );
  }

  /** Ends the newest call that it has. */
  end(): void {
    this.events.onMessages([{ kind: 'done', call: this.calls.at(-1) ?? 0, value: { whole: null } }]);
  }
}

function open({ silenceMs = 60_000, known }: { silenceMs?: number; known?: Known } = {}) {
  const workers: ScriptedWorker[] = [];
  const pool = new HandlerPool({
    size: 2,
    silenceMs,
    idleMs: 60_000,
    maxCrashes: 3,
    logger,
    ...(known === undefined ? {} : { known }),
    open: (events) => {
      const worker = new ScriptedWorker(events);
      workers.push(worker);
      return {
        post: (message) => {
          if (worker.posted.push(message) > 100) throw new Error('It is told the same again and again.');
        },
        kill: () => {
          worker.isKilled = true;
          events.onEnd({ why: 'ended', call: 0, message: 'killed' });
        },
        stepBack: (behind) => void worker.steps.push(behind),
        hold: () => undefined,
      };
    },
  });
  const run = (file: string) => pool.run({ kind: 'inspect', file });
  const call = (nodeId: string, cutOffs = 0) =>
    pool.run({ kind: 'call', ...place(nodeId), bounds: { ...NO_BOUNDS, cutOffs } });
  return { pool, workers, run, call };
}

function place(nodeId: string) {
  const context = {
    input: null,
    node: { id: nodeId, role: null, label: null },
    run: { id: 'run', workflowId: 'workflow', workflowVersion: '1' },
    organization: { id: 'organization', name: 'Organization' },
  } as unknown as HandlerContext;
  return { callee: new Callee({ file: 'nodes.mjs', export: nodeId, nodeId: null }), context };
}

afterEach(() => vi.useRealTimers());

describe('a node', () => {
  it('shares no worker with those that have ended well until it has ended well itself', async () => {
    const { pool, workers, call } = open();
    const tried = call('good');
    const [first] = workers;
    first?.events.onMessages([{ kind: 'ready' }]);
    first?.end();
    await tried;

    const again = call('good');
    const untried = call('new');
    expect(first?.calls).toHaveLength(2);
    const [, second] = workers;
    second?.events.onMessages([{ kind: 'ready' }]);
    expect(second?.calls).toHaveLength(1);
    second?.end();
    first?.end();
    await Promise.all([again, untried]);

    const together = [call('good'), call('new'), call('good'), call('new')];
    expect(workers).toHaveLength(2);
    expect(workers.map(({ calls }) => calls.length)).toEqual([4, 3]);
    pool.close();
    for (const one of together) await expect(one).rejects.toThrow('stopping');
  });
});

describe('nodes that are new', () => {
  it('spread over workers: those that come next share with as few as can be', async () => {
    const { pool, workers, call } = open();
    const all = [call('one')];
    workers[0]?.events.onMessages([{ kind: 'ready' }]);
    all.push(call('two'));
    expect(workers.map(({ calls }) => calls.length)).toEqual([2, 0]);
    workers[1]?.events.onMessages([{ kind: 'ready' }]);
    all.push(call('three'), call('three'), call('one'));
    expect(workers.map(({ calls }) => calls.length)).toEqual([3, 2, 0]);
    pool.close();
    for (const one of all) await expect(one).rejects.toThrow('stopping');
  });

  it('wait for those that have ended well, where a server has just started', async () => {
    const known = { rough: new KnownSources(), proven: new KnownSources() };
    known.proven.add(place('good').callee.sourceOf(place('good').context));
    const { pool, workers, call } = open({ known });
    const order: string[] = [];
    const all = [call('cut off', 1), call('new'), call('good')].map((one, index) =>
      one.then(() => order.push(['cut off', 'new', 'good'][index] ?? '')),
    );
    workers[0]?.events.onMessages([{ kind: 'ready' }]);
    expect(workers[0]?.calls).toHaveLength(1);
    workers[0]?.end();
    await expect.poll(() => order).toEqual(['good']);
    pool.close();
    await Promise.allSettled(all);
  });

  it('are as known as an earlier process has left them', async () => {
    const known = { rough: new KnownSources(), proven: new KnownSources() };
    const { callee, context } = place('bad');
    known.rough.add(callee.sourceOf(context));
    const { callee: other } = place('good');
    known.proven.add(other.sourceOf(place('good').context));
    const { pool, workers, call } = open({ known });
    const all = [call('good')];
    workers[0]?.events.onMessages([{ kind: 'ready' }]);
    all.push(call('bad'), call('new'));
    expect(workers.map(({ calls }) => calls.length)).toEqual([1, 0, 0]);
    for (const worker of workers.slice(1)) worker.events.onMessages([{ kind: 'ready' }]);
    expect(workers.map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    pool.close();
    for (const one of all) await expect(one).rejects.toThrow('stopping');
  });
});

describe('a call', () => {
  it('that was at work when the server died is made again apart from others', async () => {
    const { pool, workers, call } = open();
    const tried = call('good');
    const [first] = workers;
    first?.events.onMessages([{ kind: 'ready' }]);
    first?.end();
    await tried;
    const all = [call('good'), call('good', 1)];
    const [, second] = workers;
    second?.events.onMessages([{ kind: 'ready' }]);
    expect(workers.map(({ calls }) => calls.length)).toEqual([2, 1]);
    pool.close();
    for (const one of all) await expect(one).rejects.toThrow('stopping');
  });

  it('is at work once a worker is there for it, and its code runs when that is kept', async () => {
    const { pool, workers } = open();
    let keep = (): void => undefined;
    let times = 0;
    const beginWork = (): Promise<void> => {
      times += 1;
      return new Promise((resolve) => void (keep = resolve));
    };
    const waits = pool.run({ kind: 'call', ...place('good'), bounds: { ...NO_BOUNDS, beginWork, cutOffs: 1 } });
    expect(times).toBe(0);
    const [worker] = workers;
    worker?.events.onMessages([{ kind: 'ready' }]);
    expect(times).toBe(1);
    expect(worker?.calls).toEqual([]);
    keep();
    await expect.poll(() => worker?.calls).toEqual([1]);
    worker?.end();
    await waits;
    pool.close();
  });

  it('that waits to be at work is not held against its worker, however long it does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
    const { pool, workers } = open({ silenceMs: 500 });
    let keep = (): void => undefined;
    const beginWork = (): Promise<void> => new Promise((resolve) => void (keep = resolve));
    const waits = pool.run({ kind: 'call', ...place('good'), bounds: { ...NO_BOUNDS, beginWork } });
    const [worker] = workers;
    worker?.events.onMessages([{ kind: 'ready' }]);
    vi.advanceTimersByTime(60_000);
    expect([worker?.isKilled, worker?.calls]).toEqual([false, []]);
    keep();
    await vi.waitFor(() => expect(worker?.calls).toEqual([1]));
    vi.advanceTimersByTime(5_000);
    expect(worker?.isKilled).toBe(false);
    worker?.end();
    await waits;
    expect(workers).toHaveLength(1);
    pool.close();
  });

  it('that is given up while it waits to be at work ends at once, and its worker goes on with the others', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'performance'] });
    const { pool, workers, call } = open();
    let giveUp: (reason: Error) => void = () => undefined;
    const bounds = {
      ...NO_BOUNDS,
      beginWork: () => new Promise<void>(() => undefined),
      onAbort: (listener: (reason: Error) => void) => {
        giveUp = listener;
        return () => undefined;
      },
    };
    const waits = pool.run({ kind: 'call', ...place('good'), bounds });
    const [worker] = workers;
    worker?.events.onMessages([{ kind: 'ready' }]);
    const other = call('good');
    const outcome = waits.catch((error: Error) => error.message);
    giveUp(new Error('its time is up'));
    expect(await outcome).toBe('its time is up');
    vi.advanceTimersByTime(60_000);
    expect([worker?.isKilled, worker?.posted.map(({ kind }) => kind)]).toEqual([false, ['call']]);
    worker?.end();
    await other;
    pool.close();
  });

  it('does not wait for the start of a worker for what was cut off again and again', async () => {
    const { pool, workers, call } = open();
    const cutOff = call('bad', 2);
    const other = call('good');
    expect(workers).toHaveLength(2);
    const [, second] = workers;
    second?.events.onMessages([{ kind: 'ready' }]);
    expect(workers.map(({ calls }) => calls.length)).toEqual([0, 1]);
    second?.end();
    await other;
    pool.close();
    await expect(cutOff).rejects.toThrow('stopping');
  });

  it('of a node that has ended well waits for none that compute', async () => {
    const { pool, workers, call } = open();
    const all = [call('good')];
    workers[0]?.events.onMessages([{ kind: 'ready' }]);
    workers[0]?.end();
    for (let count = 0; count < 4; count += 1) {
      all.push(call(`heavy ${count}`));
      const given = workers.at(count);
      const [computes] = given?.calls.slice(-1) ?? [];
      given?.events.onBusy({ call: computes ?? 0, begun: computes ?? 0, closing: 1 });
      workers.at(-1)?.events.onMessages([{ kind: 'ready' }]);
    }
    all.push(call('heavy 4'));
    expect(workers.at(-1)?.calls).toHaveLength(0);
    all.push(call('good'));
    expect(workers.at(-1)?.calls).toHaveLength(1);
    pool.close();
    await all.shift();
    for (const one of all) await expect(one).rejects.toThrow('stopping');
  });
});

describe('a worker', () => {
  it('goes behind the server when it has begun, and behind other workers when it computes for long', async () => {
    const { pool, workers, call } = open();
    const computing = call('heavy');
    const [first] = workers;
    expect(first?.steps).toEqual([]);
    first?.events.onMessages([{ kind: 'ready' }]);
    expect(first?.steps).toEqual(['server']);
    first?.events.onBusy({ call: 1, begun: 1, closing: 1 });
    await expect.poll(() => first?.steps.at(-1)).toBe('others');
    pool.close();
    await expect(computing).rejects.toThrow('stopping');
  });
});

describe('a worker that computes for something that none of its calls is', () => {
  it('gets the calls that are taken from it again when it is free, and not before', async () => {
    const { pool, workers, run } = open();
    const asked = ['a.mjs', 'b.mjs'].map(run);
    const [first] = workers;
    first?.events.onMessages([{ kind: 'ready' }]);
    const given = first?.calls.length ?? 0;
    expect(given).toBeGreaterThan(0);
    first?.events.onBusy({ call: 0, begun: 0, closing: 1 });
    expect(first?.calls).toHaveLength(given);

    first?.events.onFree();
    const again = first?.calls.slice(given) ?? [];
    expect(again).toHaveLength(given);
    for (const call of again) first?.events.onMessages([{ kind: 'inspected', call, report: {} as never }]);
    expect(await Promise.all(asked)).toHaveLength(2);
    pool.close();
  });

  it('is ended when it goes on for too long, though it has no calls left', async () => {
    const { pool, workers, run } = open({ silenceMs: 100 });
    const asked = run('a.mjs');
    const [first] = workers;
    first?.events.onMessages([{ kind: 'ready' }]);
    first?.events.onBusy({ call: 0, begun: 0, closing: 1 });
    await expect.poll(() => first?.isKilled).toBe(true);
    const [, second] = workers;
    second?.events.onMessages([{ kind: 'ready' }]);
    second?.events.onMessages([{ kind: 'inspected', call: second.calls[0] ?? 0, report: {} as never }]);
    expect(await asked).toMatchObject({ status: 'ok' });
    pool.close();
  });

  it('has no worker begun for calls while it inspects a module, as there are none yet', () => {
    const { pool, workers, run } = open();
    void run('a.mjs').catch(() => undefined);
    const [first] = workers;
    first?.events.onMessages([{ kind: 'ready' }]);
    first?.events.onBusy({ call: first.calls[0] ?? 0, begun: 1, closing: 1 });
    expect(workers).toHaveLength(1);
    pool.close();
  });
});
