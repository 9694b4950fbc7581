import { describe, expect, it } from 'vitest';
import { ALONE, doAtOnce, doInTurns, ownTurn, type Steps, yieldIfBusy } from './event-loop.js';

function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('yieldIfBusy', () => {
  it('lets work go on that has not taken long', async () => {
    await nextTurn();
    expect(yieldIfBusy()).toBeNull();
    expect(yieldIfBusy()).toBeNull();
  });

  it('ends the turn of work that has, however many loops share it', async () => {
    await nextTurn();
    let turns = 0;
    let going = true;
    const count = (): void => {
      turns += 1;
      if (going) setImmediate(count);
    };
    setImmediate(count);
    const order: string[] = [];
    const loop = async (name: string): Promise<void> => {
      for (let step = 0; step < 4; step += 1) {
        const turn = yieldIfBusy();
        if (turn !== null) await turn;
        order.push(name);
        work(6);
      }
    };
    await Promise.all([loop('a'), loop('b'), loop('c')]);
    going = false;
    expect(turns).toBeGreaterThan(4);
    expect(new Set(order.slice(0, 8))).toEqual(new Set(['a', 'b', 'c']));
    expect(order).toHaveLength(12);
  });

  it('lets those that yielded go on in order, as many in a turn as its time allows', async () => {
    await nextTurn();
    expect(yieldIfBusy()).toBeNull();
    work(11);
    const order: number[] = [];
    const waiting = Array.from({ length: 50 }, async (_, index) => {
      await yieldIfBusy();
      order.push(index);
    });
    expect(order).toEqual([]);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (order.length < 50) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(waiting);
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(turns).toBeLessThan(10);
  });
});

describe('ownTurn', () => {
  /** Counts turns until it is stopped. */
  const countTurns = (): { turn: number; stop: () => void } => {
    const counted = { turn: 0, stop: (): void => undefined };
    let next = setImmediate(function count() {
      counted.turn += 1;
      next = setImmediate(count);
    });
    counted.stop = () => clearImmediate(next);
    return counted;
  };

  it('gives each a turn in which nobody else has one, and no loop goes on', async () => {
    await nextTurn();
    const counted = countTurns();
    const owned: number[] = [];
    const looped: number[] = [];
    const own = async (): Promise<void> => {
      await ownTurn();
      owned.push(counted.turn);
      work(6);
      expect(yieldIfBusy()).not.toBeNull();
    };
    const loop = async (): Promise<void> => {
      for (let step = 0; step < 6; step += 1) {
        const turn = yieldIfBusy();
        if (turn !== null) await turn;
        looped.push(counted.turn);
        work(6);
      }
    };
    await Promise.all([own(), own(), own(), loop()]);
    counted.stop();
    expect(new Set(owned).size).toBe(3);
    expect(looped.slice(2).filter((turn) => owned.includes(turn))).toEqual([]);
    expect(looped).toHaveLength(6);
  });

  it('is taken by steps that ask for it', async () => {
    function* steps(): Steps<string> {
      yield;
      yield ALONE;
      return 'done';
    }
    expect(doAtOnce(steps())).toBe('done');
    const counted = countTurns();
    expect(await doInTurns(steps())).toBe('done');
    counted.stop();
    expect(counted.turn).toBeGreaterThan(0);
  });
});
