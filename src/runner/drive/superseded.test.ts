import { describe, expect, it } from 'vitest';
import { RunUnderTest, code } from '../../../test/support/runs/run-under-test.js';

describe('a driver whose run another one has taken over', () => {
  it('stops, and aborts what its nodes still do', async () => {
    let aborted = false;
    const test = new RunUnderTest([
      code('quick', () => 1),
      code(
        'slow',
        ({ signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve('late');
            }),
          ),
      ),
    ]);
    test.commitFates = ['superseded'];
    const before = test.run;
    const driving = test.driveOnce();
    await test.clock.advance(100);
    expect(await driving).toEqual({ kind: 'superseded', run: before });
    expect(aborted).toBe(true);
    expect([test.log, test.run]).toEqual([[], before]);
    await test.clock.advance(10_000);
    expect(test.commits).toEqual([]);
  });

  it('starts nothing that depends on what was not kept, and leaves the runs that it started alone', async () => {
    const started: string[] = [];
    const test = new RunUnderTest([
      { id: 'child', kind: 'workflow', workflow: 'other' },
      code('first', () => started.push('first')),
      code('second', () => started.push('second'), { needs: ['first'] }),
    ]);
    test.commitFates = ['superseded'];
    const driving = test.driveOnce();
    await test.clock.advance(100);
    expect((await driving).kind).toBe('superseded');
    expect(started).toEqual(['first']);
    expect(test.children.cancelled).toEqual([]);
  });

  it('hears of it at the end of the run too', async () => {
    const test = new RunUnderTest([code('first', () => 1), code('last', () => 2, { needs: ['first'] })]);
    test.commitFates = ['kept', 'superseded'];
    const driving = test.driveOnce();
    await test.clock.advance(100);
    expect((await driving).kind).toBe('superseded');
    expect(test.commits).toEqual([['run.started', 'node.started', 'node.completed']]);
  });

  it('is to be known to be its driver when the work of a node begins, and of each step in it', async () => {
    const done: string[] = [];
    const test = new RunUnderTest([
      code('first', async ({ step }) => {
        done.push('first');
        await step('step', () => void done.push('step'));
      }),
      { id: 'asks', kind: 'http', needs: ['first'], with: { url: 'http://errand.invalid/' } },
    ]);
    test.outbound = {
      ...test.outbound,
      fetch: async () => {
        done.push('request');
        throw new Error('nobody is there');
      },
    };
    let answer = (): void => undefined;
    test.claims = {
      freshMs: 1_000,
      confirm: () => {
        done.push('asked');
        return new Promise((resolve) => (answer = resolve));
      },
    };
    const driving = test.driveOnce();
    for (const after of [['asked'], ['first', 'asked'], ['step', 'asked'], ['request']]) {
      await test.clock.advance(100);
      expect(done.splice(0)).toEqual(after);
      answer();
    }
    await driving;
  });
});
