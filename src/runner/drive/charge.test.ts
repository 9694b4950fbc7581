import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunUnderTest, agent, code, type CommitFate } from '../../../test/support/runs/run-under-test.js';
import { ScriptedModels } from '../../../test/support/runs/scripted-models.js';
import { ErrandError } from '../../core/errors.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import { applyEvent } from '../../core/run/apply-event.js';
import type { NodeSpec, WorkflowSpec } from '../../workflow/define-workflow.js';

const never = (): Promise<never> => new Promise(() => undefined);
const CHARGE: Partial<WorkflowSpec> = { charge: 'completed_agents' };

/** Two agents that complete, and one node more. */
const endingWith = (last: NodeSpec): NodeSpec[] => [agent('a', () => 1), agent('b', () => 2), last];

async function cancelOnceBothCompleted(test: RunUnderTest): Promise<void> {
  const driving = test.drive();
  await test.clock.advance(100);
  expect(test.statuses().slice(0, 2)).toEqual(['completed', 'completed']);
  test.control.cancel('seen enough');
  await driving;
}

describe('a run whose workflow charges for completed agents', () => {
  it('costs their share when it is cancelled', async () => {
    const test = new RunUnderTest(endingWith(agent('c', never)), CHARGE);
    const before = structuredClone(test.run);
    await cancelOnceBothCompleted(test);
    expect(test.run).toMatchObject({ status: 'cancelled', creditsReserved: 12, creditsConsumed: 8 });
    expect(test.log.at(-1)).toMatchObject({ kind: 'run.cancelled', creditsConsumed: 8 });
    expect(test.log.reduce(applyEvent, before)).toEqual(test.run);
  });

  it('costs their share when a node fails it, when its result does not fit, and when its time is up', async () => {
    const fails = new RunUnderTest(
      endingWith(code('last', () => Promise.reject(new Error('no')), { needs: ['a', 'b'] })),
      CHARGE,
    );
    expect(await fails.drive()).toMatchObject({ status: 'failed', creditsConsumed: 12 });
    const unfit = new RunUnderTest(endingWith(code('last', () => 'text', { needs: ['a', 'b'] })), {
      ...CHARGE,
      output: { type: 'number' },
    });
    expect(await unfit.drive()).toMatchObject({ status: 'failed', creditsConsumed: 12 });
    const late = new RunUnderTest(endingWith(agent('c', never)), { ...CHARGE, timeout: '1s' });
    const driving = late.drive();
    await late.clock.advance(2_000);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout' }, creditsConsumed: 8 });
  });

  it('costs nothing when no agent has completed', async () => {
    const test = new RunUnderTest([agent('a', never), code('b', () => 1)], CHARGE);
    const driving = test.drive();
    await test.clock.advance(100);
    test.control.cancel('changed my mind');
    expect(await driving).toMatchObject({ status: 'cancelled', creditsConsumed: 0 });
  });
});

describe('a run whose workflow says nothing of it', () => {
  it('costs nothing when it is cancelled, whatever its agents have done', async () => {
    const test = new RunUnderTest(endingWith(agent('c', never)));
    await cancelOnceBothCompleted(test);
    expect(test.run).toMatchObject({ status: 'cancelled', creditsConsumed: 0 });
    expect(test.log.at(-1)).not.toHaveProperty('creditsConsumed');
  });
});

/** One for each item of the input, of which those below 0 fail. */
const each: NodeSpec = {
  id: 'each',
  kind: 'map',
  over: '{{ input.list }}',
  on_error: 'continue',
  do: {
    kind: 'code',
    run: ({ input }) => {
      if (Number(input['n']) < 0) throw new NodeFailure('below 0', { kind: 'below' });
      return input['n'];
    },
    with: { n: '{{ item }}' },
  },
};
/** Uses 120 tokens. */
const asks = (id: string, rest: object = {}): NodeSpec =>
  code(id, async ({ generate }) => (await generate({ prompt: 'x' })).text, { needs: ['each'], ...rest });

function makeRun(
  credits: WorkflowSpec['credits'],
  list: readonly Json[],
  rest: Partial<WorkflowSpec> = {},
): RunUnderTest {
  const test = new RunUnderTest([each, asks('ask')], { credits, ...rest } as Partial<WorkflowSpec>, { list });
  test.models = new ScriptedModels('yes');
  return test;
}

describe('a run with a price by use', () => {
  it('reserves the most that it may cost and costs what it has used', async () => {
    const run = await makeRun({ base: 2, per_item: 3, per_1k_tokens: 10, max: 90 }, [1, 2, 3]).drive();
    // 2 + 3 × 3 + 10 × 0.12
    expect(run).toMatchObject({ status: 'completed', creditsReserved: 90, creditsConsumed: 13 });
  });

  it('pays for items that have completed', async () => {
    const run = await makeRun({ per_item: 3, max: 90 }, [1, -1, 3, -1]).drive();
    expect(run).toMatchObject({ status: 'completed', creditsConsumed: 6 });
  });

  it('begins no item of a list that would take it above what it may cost', async () => {
    const test = makeRun({ per_item: 3, max: 8 }, [1, 2, 3]);
    const run = await test.drive();
    expect(test.node('each')).toMatchObject({ status: 'failed', error: { kind: 'budget_exceeded' } });
    expect(test.node('each')?.error?.message).toMatch(/3 items .* 9 credits, and it may cost 8 at most/);
    expect(run.creditsConsumed).toBe(0);
  });

  it('asks no model any more once it has come to what it may cost', async () => {
    const nodes = [each, asks('ask'), asks('again', { needs: ['ask'] })];
    const test = new RunUnderTest(nodes, { credits: { per_1k_tokens: 50, max: 6 }, charge: 'use' }, { list: [] });
    test.models = new ScriptedModels('yes');
    expect(await test.drive()).toMatchObject({ status: 'failed', error: { kind: 'budget_exceeded', nodeId: 'again' } });
    expect(test.run.creditsConsumed).toBe(6);
  });

  it('costs nothing when it fails, or what it has used where its workflow charges for use', async () => {
    const fails = { result: { kind: 'x' }, output: { type: 'number' } };
    const free = makeRun({ base: 2, per_item: 3, max: 90 }, [1, 2], fails);
    expect(await free.drive()).toMatchObject({ status: 'failed', creditsConsumed: 0 });
    const paid = makeRun({ base: 2, per_item: 3, max: 90 }, [1, 2], { ...fails, charge: 'use' });
    expect(await paid.drive()).toMatchObject({ status: 'failed', creditsConsumed: 6 });
  });

  it('costs the share of its completed agents, and what it has used, when it completes in part', async () => {
    const nodes = [
      each,
      agent('a', () => 1),
      agent('b', () => Promise.reject(new Error('no')), { on_error: 'continue' }),
    ];
    const test = new RunUnderTest(nodes, { credits: { base: 10, per_item: 3, max: 90 } }, { list: [1, 2] });
    expect(await test.drive()).toMatchObject({ status: 'partial_complete', creditsConsumed: 11 });
  });

  it('costs the same, whatever crashes on the way', async () => {
    const fates = fc.array(fc.constantFrom<CommitFate>('kept', 'lost', 'kept, then crash', 'unavailable once'), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fates,
        fc.array(fc.integer({ min: -2, max: 9 }), { maxLength: 6 }),
        async (commitFates, list) => {
          const test = new RunUnderTest([each], { credits: { base: 2, per_item: 3, max: 90 } }, { list });
          test.commitFates = [...commitFates];
          const state = { isOver: false };
          const advancing = (async () => {
            while (!state.isOver) await test.clock.advance(1_000);
          })();
          while (test.run.completedAt === null) await test.drive().catch(() => undefined);
          state.isOver = true;
          await advancing;
          const done = list.filter((item) => item >= 0).length;
          expect(test.run).toMatchObject({ status: 'completed', creditsConsumed: 2 + 3 * done });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a run that draws from a shared budget', () => {
  const shared = {
    runId: 'above',
    limits: { shared: true, tokens: 500 },
    calls: 3,
    tokens: 499,
    costMicros: 0,
    credits: 0,
  };
  const drawing = (tokens: number): RunUnderTest => {
    const test = new RunUnderTest([asks('ask', { needs: [] })]);
    test.models = new ScriptedModels('yes');
    test.run = { ...test.run, sharedBudgets: ['above'] };
    test.children.budgets = [{ ...shared, tokens }];
    return test;
  };

  it('asks no model once all that draw from it have used it up', async () => {
    expect(await drawing(499).drive()).toMatchObject({ status: 'completed' });
    const run = await drawing(500).drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'budget_exceeded', nodeId: 'ask' } });
    expect(run.error?.message).toBe(
      'Run run_above, together with the runs that it has started, has used 500 of the 500 tokens of its budget',
    );
  });

  it('makes no more calls at once than are left, and those again once the others have come to nothing', async () => {
    const nodes = [
      asks('one', { needs: [] }),
      asks('two', { needs: [], retry: { attempts: 1 }, on_error: 'continue' }),
    ];
    const test = new RunUnderTest(nodes);
    test.models = new ScriptedModels('yes');
    test.run = { ...test.run, sharedBudgets: ['above'] };
    test.children.budgets = [{ ...shared, limits: { shared: true, calls: 5 } }];
    // Another run has one of the two under way that are left.
    const end = test.children.sharedCalls.begin(['above']);
    await test.drive();
    expect(test.run.nodes.flatMap(({ error }) => error?.kind ?? [])).toEqual(['budget_exceeded']);
    end();
    expect(test.children.sharedCalls.underWay('above')).toBe(0);
  });

  it('hands it on to the runs that it starts, and fails a node whose run it does not cover', async () => {
    const test = new RunUnderTest([{ id: 'sub', kind: 'workflow', workflow: 'other' }]);
    test.run = { ...test.run, sharedBudgets: ['above'] };
    test.children.refusal = new ErrandError('conflict', 'none left', { details: { reason: 'shared_budget' } });
    expect(await test.drive()).toMatchObject({ status: 'failed', error: { kind: 'budget_exceeded', nodeId: 'sub' } });
    const next = new RunUnderTest([{ id: 'sub', kind: 'workflow', workflow: 'other' }]);
    next.run = { ...next.run, sharedBudgets: ['above'] };
    await next.driveOnce();
    expect(next.children.started).toMatchObject([{ sharedBudgets: ['above'] }]);
  });
});
