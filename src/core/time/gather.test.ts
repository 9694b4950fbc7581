import { beforeEach, describe, expect, it } from 'vitest';
import { Gather } from './gather.js';
import { ManualClock } from './manual-clock.js';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

/** Parts as they began, each of which ends when asked. */
function gather(params: { readonly most: number; readonly atOnce: number; readonly apartMs?: number }) {
  const begun: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const { apartMs, ...rest } = params;
  const gathered = new Gather<string>({
    ...rest,
    ...(apartMs === undefined ? {} : { apart: { ms: apartMs, clock } }),
    work: (items) => {
      begun.push(items.join(''));
      return new Promise((resolve, reject) => ends.push((error) => (error === undefined ? resolve() : reject(error))));
    },
  });
  const add = (items: string): Promise<unknown> => Promise.allSettled(Array.from(items, (item) => gathered.add(item)));
  return { begun, ends, add };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('Gather', () => {
  it('does together what is asked for in a turn, in parts, so many at once', async () => {
    const { begun, ends, add } = gather({ most: 2, atOnce: 2 });
    const added = add('abcde');
    await turn();
    expect(begun).toEqual(['ab', 'cd']);
    ends[0]?.();
    await expect.poll(() => begun).toEqual(['ab', 'cd', 'e']);
    ends[1]?.(new Error('It failed.'));
    ends[2]?.();
    const states = (await added) as PromiseSettledResult<void>[];
    expect(states.map(({ status }) => status).join(' ')).toBe('fulfilled fulfilled rejected rejected fulfilled');
  });

  it('lets what comes while a part is under way share the next, for so long at most', async () => {
    const { begun, ends, add } = gather({ most: 10, atOnce: 3, apartMs: 60_000 });
    void add('a');
    await turn();
    void add('b');
    await turn();
    void add('c');
    await turn();
    expect(begun).toEqual(['a']);
    ends[0]?.();
    await expect.poll(() => begun).toEqual(['a', 'bc']);

    void add('d');
    await clock.advance(59_999);
    expect(begun).toEqual(['a', 'bc']);
    await clock.advance(1);
    expect(begun).toEqual(['a', 'bc', 'd']);
  });

  it('lets nobody wait for a part that is full', async () => {
    const { begun, add } = gather({ most: 2, atOnce: 3, apartMs: 60_000 });
    void add('a');
    await turn();
    void add('bcd');
    await turn();
    expect(begun).toEqual(['a', 'bc']);
  });
});
