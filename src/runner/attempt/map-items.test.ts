import { describe, expect, it } from 'vitest';
import { RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import type { Handler } from '../../core/handlers/node-kind.js';
import { settle } from '../../testing/manual-clock.js';
import type { NodeSpec } from '../../workflow/define-workflow.js';

describe('a map', () => {
  const each = (run: Handler, rest: Partial<NodeSpec> = {}): NodeSpec => ({
    id: 'each',
    kind: 'map',
    over: '{{ input.items }}',
    do: { kind: 'code', run, with: { item: '{{ item }}' } },
    ...rest,
  });

  it('gives the outputs in the items’ order', async () => {
    const double: Handler = async ({ input }) => {
      await settle();
      return (input as { item: number }).item * 2;
    };
    const test = new RunUnderTest([each(double)], {}, { items: [3, 1, 2] });
    expect((await test.drive()).output).toEqual([6, 2, 4]);
  });

  it('counts the items, and shares events and commits among those that end together', async () => {
    const work: Handler = ({ input }) => {
      const { item } = input as { item: number };
      if (item % 10 === 0) throw new Error(`no ${item}`);
      return item;
    };
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    const test = new RunUnderTest([each(work, { on_item_error: 'continue', concurrency: 50 })], {}, { items });
    const driving = test.drive();
    await test.clock.advance(1_000);
    expect((await driving).output).toEqual(items.map((item) => (item % 10 === 0 ? null : item)));
    expect(test.node('each')?.items).toEqual({ total: 1_000, done: 900, failed: 100 });
    const count = (kind: string): number => test.log.filter((event) => event.kind === kind).length;
    expect(count('step.completed')).toBe(1_000);
    expect(count('node.items')).toBeLessThan(20);
    expect(count('node.progress')).toBeLessThan(20);
    expect(test.commits.length).toBeLessThan(20);
  });

  it('tries only the items again that had failed when the node is tried again', async () => {
    const seen: number[] = [];
    const work: Handler = ({ input }) => {
      const { item } = input as { item: number };
      seen.push(item);
      if (item === 2 && seen.filter((one) => one === 2).length < 3) throw new Error('not yet');
      return item;
    };
    const spec = each(work, { concurrency: 1, retry: { attempts: 3, initial: '10s' } });
    const test = new RunUnderTest([spec], {}, { items: [1, 2, 3] });
    const lost = test.drive();
    await test.clock.advance(1_000);
    test.control.leave();
    await lost;
    const driving = test.drive();
    await test.clock.advance(40_000);
    expect((await driving).output).toEqual([1, 2, 3]);
    expect(seen).toEqual([1, 2, 2, 2, 3]);
  });

  it('does not run items again that ended before a crash', async () => {
    const seen: number[] = [];
    let crash = true;
    const work: Handler = ({ input }) => {
      const { item } = input as { item: number };
      seen.push(item);
      return crash && item === 3 ? new Promise(() => undefined) : item;
    };
    const test = new RunUnderTest([each(work, { concurrency: 1 })], {}, { items: [1, 2, 3, 4] });
    const lost = test.drive();
    await test.clock.advance(100);
    test.control.leave();
    await lost;
    crash = false;
    expect((await test.drive()).output).toEqual([1, 2, 3, 4]);
    expect(seen).toEqual([1, 2, 3, 3, 4]);
  });
});
