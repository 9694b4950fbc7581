import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../testing/manual-clock.js';
import { CallQueue } from './call-queue.js';

const NEVER = new AbortController().signal;

describe('a queue of calls', () => {
  it('lets groups take turns, and is first come, first served within one', async () => {
    const queue = new CallQueue(new ManualClock());
    queue.limit({ concurrency: 1, requestsPerMinute: null });
    const leave = await queue.enter({ group: 'busy', signal: NEVER });
    const order: string[] = [];
    for (const name of ['busy 1', 'busy 2', 'busy 3', 'quiet 1', 'other 1']) {
      const enter = async (): Promise<void> => {
        const leaveNext = await queue.enter({ group: name.split(' ')[0] ?? '', signal: NEVER });
        order.push(name);
        leaveNext();
      };
      void enter();
    }
    leave();
    await settle();
    expect(order).toEqual(['busy 1', 'quiet 1', 'other 1', 'busy 2', 'busy 3']);
  });

  it('forgets who no longer waits', async () => {
    const queue = new CallQueue(new ManualClock());
    queue.limit({ concurrency: 1, requestsPerMinute: null });
    const leave = await queue.enter({ group: 'a', signal: NEVER });
    const controller = new AbortController();
    const gone = queue.enter({ group: 'a', signal: controller.signal });
    const next = queue.enter({ group: 'a', signal: NEVER });
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    leave();
    leave();
    (await next)();
    await expect(queue.enter({ group: 'a', signal: controller.signal })).rejects.toThrow('gone');
  });

  it('holds nobody back for longer than a minute when the clock was set back', async () => {
    const clock = new ManualClock();
    const queue = new CallQueue(clock);
    queue.limit({ concurrency: null, requestsPerMinute: 1 });
    (await queue.enter({ group: 'a', signal: NEVER }))();
    clock.jumpTo(clock.now() - 3_600_000);
    let entered = false;
    const next = queue.enter({ group: 'a', signal: NEVER }).then(() => (entered = true));
    await clock.advance(59_999);
    expect(entered).toBe(false);
    await clock.advance(1);
    await next;
  });

  it('gives a place back that was not used', async () => {
    const clock = new ManualClock();
    let idle = 0;
    const queue = new CallQueue(clock, () => (idle += 1));
    queue.limit({ concurrency: null, requestsPerMinute: 1 });
    const leave = await queue.enter({ group: 'a', signal: NEVER });
    leave({ unused: true });
    expect(idle).toBe(1);
    const used = await queue.enter({ group: 'a', signal: NEVER });
    used();
    let entered = false;
    void queue.enter({ group: 'a', signal: NEVER }).then(() => (entered = true));
    await clock.advance(59_999);
    expect(entered).toBe(false);
    await clock.advance(1);
    expect(entered).toBe(true);
  });
});
