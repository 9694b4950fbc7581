import { describe, expect, it } from 'vitest';
import { RunUnderTest, code } from '../../../test/support/runs/run-under-test.js';
import type { NodeSpec } from '../../workflow/define-workflow.js';
import { RunRecall } from '../open/run-recall.js';

const repeat = (nodes: readonly NodeSpec[], rest: Partial<NodeSpec> = {}): NodeSpec => ({
  id: 'poll',
  kind: 'repeat',
  at_most: 5,
  until: 'nodes.look.output >= 3',
  nodes,
  ...rest,
});

describe('a repeat', () => {
  it('runs rounds until its condition holds, each of which sees what the one before gave', async () => {
    const test = new RunUnderTest([
      repeat([{ id: 'look', kind: 'transform', with: '{{ round + (previous ? previous : 0) }}' }], {
        until: 'output > 5',
      }),
    ]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: 6 });
    expect(test.node('poll')).toMatchObject({ rounds: 3, inner: [] });
    const rounds = test.log.flatMap((event) => (event.kind === 'node.round' ? [[event.round, event.output]] : []));
    expect(rounds).toEqual([
      [1, 1],
      [2, 3],
      [3, 6],
    ]);
    expect(test.outputOf('poll[2].look')).toBe(3);
  });

  it('fails when its condition has not held in the last round it may have, or goes on where it is told to', async () => {
    const look: NodeSpec = { id: 'look', kind: 'transform', with: '{{ round }}' };
    const failing = new RunUnderTest([repeat([look], { at_most: 2 })]);
    expect(await failing.drive()).toMatchObject({
      status: 'failed',
      error: { kind: 'rounds_exhausted', message: 'Its condition did not hold after 2 rounds' },
    });
    const going = new RunUnderTest([repeat([look], { at_most: 2, when_exhausted: 'continue' })]);
    expect(await going.drive()).toMatchObject({ status: 'completed', output: 2 });
  });

  it('begins its rounds again in another attempt when they were not enough', async () => {
    let calls = 0;
    const test = new RunUnderTest([
      repeat([code('look', () => (calls += 1))], { at_most: 2, retry: { attempts: 2, initial: 10 } }),
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    expect(await driving).toMatchObject({ status: 'completed', output: 3 });
    expect(test.node('poll')?.rounds).toBe(1);
  });

  it('goes on in the round that failed when it is tried again', async () => {
    const calls: string[] = [];
    const test = new RunUnderTest([
      repeat(
        [
          code(
            'look',
            ({ input }) => {
              calls.push(`look ${Number(input)}`);
              return Number(input);
            },
            { with: '{{ round }}' },
          ),
          code(
            'check',
            ({ input }) => {
              calls.push(`check ${Number(input)}`);
              if (input === 2 && calls.filter((call) => call === 'check 2').length === 1) throw new Error('no');
              return null;
            },
            { needs: ['look'], with: '{{ round }}' },
          ),
        ],
        { retry: { attempts: 2, initial: 10 }, result: '{{ nodes.look.output }}' },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    expect(await driving).toMatchObject({ status: 'completed', output: 3 });
    expect(calls).toEqual(['look 1', 'check 1', 'look 2', 'check 2', 'check 2', 'look 3', 'check 3']);
  });

  it('waits between its rounds, parked, and runs none again when the process has died', async () => {
    let calls = 0;
    const test = new RunUnderTest([
      repeat([code('look', () => (calls += 1)), { id: 'nap', kind: 'wait', needs: ['look'], for: '1m' }], {
        result: '{{ nodes.look.output }}',
      }),
    ]);
    for (let drives = 1; drives <= 3; drives += 1) {
      const driving = test.drive();
      await test.clock.advance(59_000);
      test.control.leave();
      await driving;
      expect(calls).toBe(drives);
      await test.clock.advance(1_000);
    }
    const driving = test.drive();
    await test.clock.advance(1_000);
    expect(await driving).toMatchObject({ status: 'completed', output: 3 });
    expect(calls).toBe(3);
  });

  it('keeps nothing of rounds that have ended but what the last gave', async () => {
    const text = 'x'.repeat(1_000);
    const test = new RunUnderTest([
      repeat([code('look', () => text)], { at_most: 200, until: 'false', when_exhausted: 'continue' }),
    ]);
    await test.drive();
    const recall = new RunRecall();
    let most = 0;
    for (const event of test.log) {
      recall.add(event);
      most = Math.max(most, recall.length);
    }
    expect(test.log.length).toBeGreaterThan(600);
    expect(most).toBeLessThan(10_000);
  });

  it('stands in the items of a map, and they in its rounds', async () => {
    const test = new RunUnderTest([
      {
        id: 'each',
        kind: 'map',
        over: [1, 2],
        do: {
          kind: 'repeat',
          at_most: 3,
          until: 'round > item',
          nodes: [{ id: 'all', kind: 'map', over: [1, 2], do: { kind: 'transform', with: '{{ item * round }}' } }],
        },
      },
    ]);
    expect(await test.drive()).toMatchObject({
      status: 'completed',
      output: [
        [2, 4],
        [3, 6],
      ],
    });
  });
});

describe('a switch', () => {
  const route = (input: number): RunUnderTest =>
    new RunUnderTest(
      [
        {
          id: 'route',
          kind: 'switch',
          cases: [
            { id: 'big', kind: 'transform', when: 'input.n > 100', with: 'big' },
            { id: 'odd', kind: 'transform', when: 'input.n % 2 = 1', with: 'odd' },
            { id: 'rest', kind: 'transform', with: 'rest' },
          ],
        },
      ],
      {},
      { n: input },
    );

  it('runs the first case whose condition holds, and shows the others as skipped', async () => {
    const test = route(7);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: 'odd' });
    expect(test.node('route')?.inner?.map(({ id, status }) => [id, status])).toEqual([
      ['route.big', 'skipped'],
      ['route.odd', 'completed'],
      ['route.rest', 'skipped'],
    ]);
    expect(await route(101).drive()).toMatchObject({ output: 'big' });
    expect(await route(8).drive()).toMatchObject({ output: 'rest' });
  });

  it('gives nothing when no case holds', async () => {
    const cases = [{ id: 'no', kind: 'transform', when: 'false', with: 1 }];
    const test = new RunUnderTest([{ id: 'route', kind: 'switch', cases }]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: null });
  });
});

describe('a race', () => {
  const slow = (id: string, aborted: string[]): NodeSpec =>
    code(id, ({ signal }) => {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(id);
          reject(new Error('aborted'));
        });
      });
    });
  const bad = (id: string): NodeSpec =>
    code(id, () => {
      throw new Error(`${id} is down`);
    });
  const race = (...branches: NodeSpec[]): NodeSpec => ({ id: 'first', kind: 'race', branches });

  it('gives what the first branch to succeed gives, and ends the others', async () => {
    const aborted: string[] = [];
    const test = new RunUnderTest([
      race(
        slow('a', aborted),
        bad('b'),
        {
          id: 'c',
          kind: 'group',
          nodes: [{ id: 'nap', kind: 'wait', for: 10 }, code('d', () => 4, { needs: ['nap'] })],
        },
        { id: 'sub', kind: 'workflow', workflow: 'other' },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(20);
    expect(await driving).toMatchObject({ status: 'completed', output: { winner: 'c', output: 4 } });
    expect(aborted).toEqual(['a']);
    expect(test.children.cancelled).toEqual(['child-1']);
    expect(test.node('first')?.inner?.map(({ id, status }) => [id, status])).toEqual([
      ['first.a', 'cancelled'],
      ['first.b', 'failed'],
      ['first.c', 'completed'],
      ['first.c.nap', 'completed'],
      ['first.sub', 'cancelled'],
      ['first.c.d', 'completed'],
    ]);
  });

  it('fails when all of its branches do', async () => {
    const test = new RunUnderTest([race(bad('a'), bad('b'))]);
    expect(await test.drive()).toMatchObject({
      status: 'failed',
      error: { kind: 'error', message: 'None of its branches succeeded: a: a is down; b: b is down' },
    });
  });

  it('has one winner, whenever the process dies', async () => {
    for (let at = 0; at < 6; at += 1) {
      const test = new RunUnderTest([
        race(
          code('a', () => 1),
          slow('b', []),
        ),
      ]);
      test.commitFates = [...Array.from({ length: at }, () => 'kept' as const), 'kept, then crash'];
      for (let drives = 0; test.run.status !== 'completed' && drives < 4; drives += 1) {
        const driving = test.drive();
        await test.clock.advance(50);
        await driving;
      }
      expect(test.run).toMatchObject({ status: 'completed', output: { winner: 'a', output: 1 } });
    }
  });
});
