import { describe, expect, it } from 'vitest';
import { RunUnderTest, agent, code } from '../../../test/support/runs/run-under-test.js';
import { applyEvent } from '../../core/run/apply-event.js';

describe('a run whose commit the store refuses for good', () => {
  it('fails, saying why, with what was committed before', async () => {
    const test = new RunUnderTest([
      code('first', () => 1),
      code('large', () => 'much', { needs: ['first'] }),
      code('last', () => 3, { needs: ['large'] }),
    ]);
    const before = structuredClone(test.run);
    test.commitFates = ['kept', 'kept', 'refused'];
    const run = await test.drive();
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        kind: 'not_recordable',
        message: 'What came of the run could not be recorded: Invalid string length',
        nodeId: null,
      },
      creditsConsumed: 0,
    });
    expect(test.statuses()[0]).toBe('completed');
    expect(test.statuses()[2]).toBe('skipped');
    expect(test.log.reduce(applyEvent, before)).toEqual(test.run);
  });

  it('aborts the nodes that still work, and hears nothing more of them', async () => {
    let aborted = false;
    const test = new RunUnderTest([
      code('quick', () => 1),
      code('slow', ({ signal }) => {
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve('late');
          }),
        );
      }),
    ]);
    test.commitFates = ['refused'];
    const driving = test.drive();
    await test.clock.advance(100);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'not_recordable' } });
    expect(aborted).toBe(true);
    expect(test.kinds().filter((kind) => kind.startsWith('node.completed'))).toEqual([]);
  });

  it('is cancelled rather than failed when that was asked for meanwhile', async () => {
    const test = new RunUnderTest([code('a', () => new Promise(() => undefined))]);
    test.commitFates = ['refused'];
    const driving = test.drive();
    test.control.cancel('enough');
    expect(await driving).toMatchObject({ status: 'cancelled' });
  });

  it('ends though it is the last event that is refused', async () => {
    const test = new RunUnderTest([agent('a', () => 1)]);
    test.commitFates = ['refused'];
    const driving = test.drive();
    await test.clock.advance(100);
    expect((await driving).status).toBe('failed');
  });
});

describe('a cancel', () => {
  it('does not wait for a commit that cannot go through just now', async () => {
    const test = new RunUnderTest([code('a', () => 'much'), code('b', () => new Promise(() => undefined))]);
    test.diskIsFull = true;
    const driving = test.driveOnce();
    await test.clock.advance(10_000);
    test.control.cancel('enough');
    expect(await driving).toMatchObject({ kind: 'left' });
    test.diskIsFull = false;
    expect(await test.drive()).toMatchObject({ status: 'cancelled', version: 4 });
    expect(test.kinds()).toEqual(['node.cancelled a', 'node.cancelled b', 'run.cancelled']);
  });
});
