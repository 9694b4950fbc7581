import { describe, expect, it } from 'vitest';
import { RunUnderTest, agent, code } from '../../../test/support/runs/run-under-test.js';

describe('a run whose process ended', () => {
  it('goes on after a crash from what was committed: finished nodes are not run again', async () => {
    const calls: string[] = [];
    let crash = true;
    const test = new RunUnderTest([
      code('a', () => calls.push('a')),
      code(
        'b',
        () => {
          calls.push('b');
          return crash ? new Promise(() => undefined) : 'done';
        },
        { needs: ['a'] },
      ),
    ]);
    const lost = test.drive();
    await test.clock.advance(100);
    expect(test.node('b')?.status).toBe('running');
    test.control.leave();
    await lost;
    crash = false;
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'completed', output: 'done' });
    expect(calls).toEqual(['a', 'b', 'b']);
  });

  it('can be left while nothing can be recorded, and is resumed from what was', async () => {
    const test = new RunUnderTest([code('a', () => 'done')]);
    test.diskIsFull = true;
    const lost = test.drive();
    await test.clock.advance(10_000);
    test.control.leave();
    await lost;
    expect(test.log).toEqual([]);
    test.diskIsFull = false;
    expect(await test.drive()).toMatchObject({ status: 'completed', output: 'done' });
  });

  it('waits out the rest of a retry’s wait after a restart', async () => {
    let calls = 0;
    const test = new RunUnderTest([
      code(
        'a',
        ({ attempt }) => {
          calls += 1;
          if (attempt === 1) throw new Error('first');
          return attempt;
        },
        { retry: { attempts: 2, initial: '30s' } },
      ),
    ]);
    const lost = test.drive();
    await test.clock.advance(10_000);
    test.control.leave();
    await lost;
    const driving = test.drive();
    await test.clock.advance(19_000);
    expect(calls).toBe(1);
    await test.clock.advance(1_000);
    expect(await driving).toMatchObject({ status: 'completed', output: 2 });
  });

  it('lets running nodes finish when drained, starts no more, and leaves the rest', async () => {
    let finish = (): void => undefined;
    const test = new RunUnderTest([
      code('a', () => new Promise<void>((resolve) => (finish = resolve))),
      code('b', () => 1, { needs: ['a'] }),
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    test.control.drain();
    finish();
    await driving;
    expect([test.run.status, test.node('a')?.status, test.node('b')?.status]).toEqual([
      'running',
      'completed',
      'pending',
    ]);
    expect((await test.drive()).status).toBe('completed');
  });

  it('never lets progress fall, over attempts and restarts', async () => {
    const test = new RunUnderTest([
      agent(
        'a',
        ({ attempt, progress }) => {
          progress(attempt === 1 ? 80 : 10, `attempt ${attempt}`);
          if (attempt === 1) throw new Error('first');
          return new Promise(() => undefined);
        },
        { retry: { attempts: 2, initial: '1s' } },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(2_000);
    expect(test.node('a')).toMatchObject({ progress: 80, message: 'attempt 2', attempt: 2 });
    test.control.cancel('seen');
    await driving;
  });
});
