import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../../core/event-loop.js';
import { Awake } from './awake.js';

const MOMENT_MS = 1;

/** One whose time is set by hand. */
function makeAwake() {
  const time = { now: 0 };
  return { time, awake: new Awake(MOMENT_MS, () => time.now) };
}

/** Expects something that comes after so long. */
async function waitFor({ time, awake }: ReturnType<typeof makeAwake>, ms: number): Promise<void> {
  awake.expect();
  time.now += ms;
  awake.came();
  await nextTurn();
}

describe('Awake', () => {
  it('keeps the event loop turning until what it expects has come', async () => {
    const { awake } = makeAwake();
    awake.expect();
    for (let turn = 0; turn < 3; turn += 1) {
      await nextTurn();
      expect(awake.isTurning).toBe(true);
    }
    awake.came();
    await nextTurn();
    expect(awake.isTurning).toBe(false);
  });

  it('gives up when the moment is over', async () => {
    const { time, awake } = makeAwake();
    awake.expect();
    for (let turn = 0; awake.isTurning; turn += 1) {
      if (turn > 100) throw new Error('it does not end');
      time.now += 0.05;
      await nextTurn();
    }
    expect(time.now).toBeGreaterThan(MOMENT_MS);
  });

  it('gives up at a turn that had other work', async () => {
    const { time, awake } = makeAwake();
    awake.expect();
    time.now += MOMENT_MS / 2;
    await nextTurn();
    expect(awake.isTurning).toBe(false);
  });

  it('lets the loop sleep while what it expects takes long, and no longer than that', async () => {
    const made = makeAwake();
    for (let wait = 0; wait < 20; wait += 1) await waitFor(made, 1_000);
    made.awake.expect();
    expect(made.awake.isTurning).toBe(false);
    made.awake.came();
    for (let wait = 0; wait < 30; wait += 1) await waitFor(made, 0.01);
    made.awake.expect();
    expect(made.awake.isTurning).toBe(true);
  });
});
