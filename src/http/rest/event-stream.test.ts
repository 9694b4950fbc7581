import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../core/run/events.js';
import { toEventStream } from './event-stream.js';

/** A clock whose time passes by hand. */
class HandClock {
  readonly #due: { at: number; wake: () => void }[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  get scheduled(): number {
    return this.#due.length;
  }

  schedule(delayMs: number, wake: () => void): () => void {
    const entry = { at: this.#now + delayMs, wake };
    this.#due.push(entry);
    return () => {
      if (this.#due.includes(entry)) this.#due.splice(this.#due.indexOf(entry), 1);
    };
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#now = next.at;
      next.wake();
    }
    this.#now = end;
  }
}

/** A run of which nothing comes. */
const QUIET: AsyncIterator<RunEvent> = { next: () => new Promise(() => undefined) };

function open(events = QUIET) {
  const clock = new HandClock();
  const gone = new AbortController();
  let ends = 0;
  let clientEnds: () => void = () => undefined;
  const stream = toEventStream(events, {
    clock,
    signal: gone.signal,
    onceClientEnds: (listener) => {
      clientEnds = listener;
      return () => undefined;
    },
    onEnd: () => (ends += 1),
  });
  const reader = stream.getReader();
  const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  return { clock, gone, read, reader, ends: () => ends, clientEnds: () => clientEnds() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('toEventStream', () => {
  it('keeps nothing going before it is read', async () => {
    const { clock } = open();
    await turn();
    expect(clock.scheduled).toBe(0);
  });

  it('gives a sign of life to who reads', async () => {
    const { clock, read } = open();
    expect(await read()).toBe(': watching\n\n');
    await turn();
    for (let count = 0; count < 3; count += 1) {
      clock.pass(15_000);
      expect(await read()).toBe(': still here\n\n');
    }
  });

  it('gathers no signs of life for who does not read', async () => {
    const { clock, read, reader } = open();
    await read();
    await turn();
    clock.pass(24 * 3_600_000);
    expect(await read()).toBe(': still here\n\n');
    const next = reader.read();
    expect(await Promise.race([next, turn().then(() => 'nothing')])).toBe('nothing');
  });

  it('finds out whether a client that has closed its sending half is still there', async () => {
    const { clock, read, clientEnds } = open();
    await read();
    await turn();
    clientEnds();
    expect(await read()).toBe(': still here\n\n');
    clock.pass(50);
    expect(await read()).toBe(': still here\n\n');
    clock.pass(1_000);
    expect(await read()).toBe(': still here\n\n');
  });

  it.each(['abort', 'cancel'] as const)('keeps nothing going after %s', async (how) => {
    const { clock, read, reader, gone, ends } = open();
    await read();
    await turn();
    expect(clock.scheduled).toBe(1);
    if (how === 'abort') gone.abort();
    else await reader.cancel();
    expect([clock.scheduled, ends()]).toEqual([0, 1]);
  });
});
