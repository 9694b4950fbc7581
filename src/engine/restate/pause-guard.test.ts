import { expect, it } from 'vitest';
import { unlimitedSlots, type NodeSlotRequest } from '../../core/ports/node-slots.js';
import { ManualClock, settle } from '../../testing/manual-clock.js';
import { PauseGuard } from './pause-guard.js';

const request = (signal = new AbortController().signal): NodeSlotRequest => ({
  runId: 'r',
  nodeId: 'n',
  organizationId: 'o',
  workflowId: 'w',
  resource: null,
  pool: null,
  priority: 0,
  signal,
});

it('holds work back after a gap until it is known which runs were lost in it, and not otherwise', async () => {
  const clock = new ManualClock();
  let known: (() => void) | null = null;
  let asked = 0;
  const leaveLost = (): Promise<void> => {
    asked += 1;
    return asked === 1
      ? Promise.reject(new Error('the database is away'))
      : new Promise((resolve) => (known = resolve));
  };
  const guard = new PauseGuard({ clock, leaveLost });
  const slots = guard.guard(unlimitedSlots);
  guard.start();
  await clock.advance(60_000);
  expect([asked, slots.take(request()) instanceof Promise]).toEqual([0, false]);
  clock.jumpTo(clock.now() + 12_000);
  const lost = new AbortController();
  const taken = [slots.take(request()), slots.take(request(lost.signal))].map(async (slot) => {
    await slot;
    return 'taken';
  });
  const outcome = Promise.allSettled(taken);
  await settle();
  await clock.advance(1_000);
  expect(asked).toBe(2);
  lost.abort(new Error('another has it'));
  (known as (() => void) | null)?.();
  expect(await outcome).toMatchObject([{ value: 'taken' }, { status: 'rejected' }]);
  expect(slots.take(request()) instanceof Promise).toBe(false);
  guard.stop();
});
