import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommitFate, RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import { applyEvent } from '../../core/run/apply-event.js';
import type { NodeSpec, WorkflowSpec } from '../../workflow/define-workflow.js';

const CREDITS: WorkflowSpec['credits'] = { base: 2, per_item: 3, max: 90 };

/** A map, of whose items those below 0 fail. */
const each = (id: string, over: string, rest: object = {}): NodeSpec => ({
  id,
  kind: 'map',
  over,
  on_item_error: 'continue',
  do: {
    kind: 'code',
    run: ({ input }) => {
      if (Number(input['n']) < 0) throw new NodeFailure('below 0', { kind: 'below' });
      return input['n'];
    },
    with: { n: '{{ item }}' },
  },
  ...rest,
});

const priced = (nodes: NodeSpec[], list: Json, credits = CREDITS): RunUnderTest =>
  new RunUnderTest(nodes, { credits }, { list });

/** A group for each list, in which there is a map over it. */
const NESTED: NodeSpec = {
  id: 'outer',
  kind: 'map',
  over: '{{ input.list }}',
  do: { kind: 'group', nodes: [each('inside', '{{ item }}')] },
};

describe('the price of an item', () => {
  it('is paid for each that has completed of a map inside a group', async () => {
    const test = priced([{ id: 'all', kind: 'group', nodes: [each('inside', '{{ input.list }}')] }], [1, -1, 3]);
    const before = structuredClone(test.run);
    expect(await test.drive()).toMatchObject({ status: 'completed', creditsConsumed: 2 + 2 * 3 });
    expect(test.node('all')).toMatchObject({ innerItems: 2 });
    expect(test.log.reduce(applyEvent, before)).toEqual(test.run);
  });

  it('is paid for the items of maps inside items too, and at the rate of the node that holds them', async () => {
    const lists = [[1, 2], [-1], [], [3]];
    expect(await priced([NESTED], lists).drive()).toMatchObject({ creditsConsumed: 2 + (4 + 3) * 3 });
    const own: WorkflowSpec['credits'] = { base: 2, nodes: { outer: { per_item: 5 } }, max: 90 };
    expect(await priced([NESTED], lists, own).drive()).toMatchObject({ creditsConsumed: 2 + (4 + 3) * 5 });
  });

  it('is paid in each round', async () => {
    const rounds: NodeSpec = {
      id: 'rounds',
      kind: 'repeat',
      at_most: 5,
      until: 'round = 3',
      nodes: [each('inside', '{{ input.list }}')],
    };
    expect(await priced([rounds], [1, 2]).drive()).toMatchObject({ creditsConsumed: 2 + 3 * 2 * 3 });
  });

  it('has no map begun inside another node that would take the run above what it may cost', async () => {
    const run = await priced([{ id: 'all', kind: 'group', nodes: [each('inside', '{{ input.list }}')] }], [1, 2, 3], {
      per_item: 3,
      max: 8,
    }).drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'budget_exceeded' }, creditsConsumed: 0 });
  });

  it.each<[string, NodeSpec[]]>([
    ['side by side', [each('one', '{{ input.list }}'), each('two', '{{ input.list }}')]],
    [
      'inside others',
      [{ id: 'all', kind: 'group', nodes: [each('one', '{{ input.list }}'), each('two', '{{ input.list }}')] }],
    ],
  ])('counts for maps that are worked through %s', async (_name, nodes) => {
    // Each by itself would be covered.
    const run = await priced(nodes, [1, 2, 3], { per_item: 1, max: 5 }).drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'budget_exceeded' } });
    expect(await priced(nodes, [1, 2, 3], { per_item: 1, max: 6 }).drive()).toMatchObject({ creditsConsumed: 6 });
  });

  it('is the same, whatever crashes on the way', async () => {
    const fates = fc.array(fc.constantFrom<CommitFate>('kept', 'lost', 'kept, then crash', 'unavailable once'), {
      maxLength: 10,
    });
    const lists = fc.array(fc.array(fc.integer({ min: -2, max: 9 }), { maxLength: 4 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fates, lists, async (commitFates, list) => {
        const done = list.flat().filter((item) => item >= 0).length + list.length;
        // Not one credit more than it comes to: what a crash has left is not reserved for twice.
        const all = list.flat().length + list.length;
        const test = priced([NESTED], list, { base: 2, per_item: 1, max: Math.max(2, 2 + all) });
        test.commitFates = [...commitFates];
        const state = { isOver: false };
        const advancing = (async () => {
          while (!state.isOver) await test.clock.advance(1_000);
        })();
        while (test.run.completedAt === null) await test.drive().catch(() => undefined);
        state.isOver = true;
        await advancing;
        expect(test.run).toMatchObject({ status: 'completed', creditsConsumed: 2 + done });
      }),
      { numRuns: 60 },
    );
  });
});
