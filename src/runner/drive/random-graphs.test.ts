import {
  array,
  assert as assertProperty,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphUnderTest, isEnd } from '../../../test/support/runs/graph-under-test.js';
import {
  fatalNodes,
  fatesOf,
  runStatusOf,
  type Fate,
  type ModelNode,
  type ModelOutcome,
  type ModelWork,
} from '../../../test/support/runs/reference-interpreter.js';
import type { CommitFate } from '../../../test/support/runs/run-under-test.js';
import { applyEvent } from '../../core/run/apply-event.js';
import { isNodeEnded } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';

const KINDS = ['network', 'odd'] as const;

const failure = record({ fail: constantFrom(...KINDS), retryable: boolean() });
const outcome: Arbitrary<ModelOutcome> = oneof(
  { weight: 5, arbitrary: constant('ok' as const) },
  { weight: 2, arbitrary: failure },
  { weight: 1, arbitrary: constant('hang' as const) },
);
const outcomes = array(outcome, { minLength: 1, maxLength: 3 });
const itemOutcome: Arbitrary<ModelOutcome> = oneof(
  { weight: 6, arbitrary: constant('ok' as const) },
  { weight: 1, arbitrary: constant({ fail: 'odd', retryable: true }) },
);
const takesMs = constantFrom(0, 3, 40, 150);

const work: Arbitrary<ModelWork> = oneof(
  { weight: 6, arbitrary: record({ kind: constant('code' as const), outcomes, takesMs }) },
  { weight: 1, arbitrary: record({ kind: constant('child' as const), outcomes, takesMs }) },
  { weight: 1, arbitrary: record({ kind: constant('wait' as const), forMs: constantFrom(0, 20, 3_000) }) },
  {
    weight: 1,
    arbitrary: record({
      kind: constant('ask' as const),
      deadlineMs: constantFrom(50, 5_000),
      hasDefault: boolean(),
      answered: boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      kind: constant('event' as const),
      deadlineMs: constantFrom(50, 5_000),
      hasDefault: boolean(),
      comes: constantFrom('before' as const, 'while' as const, 'never' as const),
    }),
  },
  { weight: 1, arbitrary: record({ kind: constant('emit' as const) }) },
  {
    weight: 1,
    arbitrary: record({
      kind: constant('map' as const),
      items: array(array(itemOutcome, { minLength: 1, maxLength: 2 }), { maxLength: 6 }),
      itemAttempts: integer({ min: 1, max: 2 }),
      stopOnFailure: boolean(),
      takesMs,
    }),
  },
);

/** What may stand in a group: it fails in one way only, and always comes to an end. */
const innerShape = record({
  needs: array(integer({ min: 1, max: 3 }), { maxLength: 2 }),
  join: constantFrom('all' as const, 'any' as const),
  when: constantFrom(null, null, true, false),
  attempts: integer({ min: 1, max: 2 }),
  onError: constantFrom('fail' as const, 'continue' as const, 'use' as const),
  work: oneof(
    {
      weight: 5,
      arbitrary: record({
        kind: constant('code' as const),
        outcomes: array(itemOutcome, { minLength: 1, maxLength: 2 }),
        takesMs,
      }),
    },
    { weight: 1, arbitrary: record({ kind: constant('wait' as const), forMs: constantFrom(0, 20, 3_000) }) },
    {
      weight: 1,
      arbitrary: record({
        kind: constant('ask' as const),
        deadlineMs: constant(5_000),
        hasDefault: boolean(),
        answered: constant(true),
      }),
    },
  ),
});

const group: Arbitrary<ModelWork> = record({
  kind: constant('group' as const),
  shape: constantFrom('group' as const, 'group' as const, 'repeat' as const, 'race' as const, 'switch' as const),
  nodes: array(innerShape, { minLength: 1, maxLength: 4 }).map((shapes) =>
    shapes.map((given, index): ModelNode => {
      const needs = [...new Set(given.needs.map((back) => index - back).filter((other) => other >= 0))];
      return { ...given, id: `i${index}`, needs: needs.map((n) => `i${n}`), isAgent: false, on: null };
    }),
  ),
  items: oneof(constant(null), record({ count: integer({ min: 0, max: 3 }), stopOnFailure: boolean() })),
  concurrency: constantFrom(1, 2, 10),
}).map((given): ModelWork => {
  if (given.shape !== 'race' && given.shape !== 'switch') return given;
  const nodes = given.nodes.map((node) => ({ ...node, needs: [], when: node.when ?? true }));
  return { ...given, nodes };
});

const shape = record({
  needs: array(integer({ min: 1, max: 7 }), { maxLength: 3 }),
  join: constantFrom('all' as const, 'any' as const),
  when: constantFrom('none', 'none', 'none', 'true', 'false', 'completed', 'failed'),
  isAgent: boolean(),
  attempts: integer({ min: 1, max: 3 }),
  on: constantFrom(null, null, ['network'], ['odd', 'timeout']),
  onError: constantFrom('fail' as const, 'continue' as const, 'continue' as const, 'use' as const),
  work: oneof({ weight: 4, arbitrary: work }, { weight: 1, arbitrary: group }),
});

/** Needs lead backwards only, so that there are no circles. */
const graph: Arbitrary<readonly ModelNode[]> = array(shape, { minLength: 1, maxLength: 8 }).map((shapes) =>
  shapes.map((given, index): ModelNode => {
    const needs = [...new Set(given.needs.map((back) => index - back).filter((other) => other >= 0))].map(
      (n) => `n${n}`,
    );
    const [need] = needs;
    const is = given.when === 'completed' || given.when === 'failed' ? given.when : null;
    const fixed = given.when === 'true' ? true : given.when === 'false' ? false : null;
    return { ...given, id: `n${index}`, needs, when: is !== null && need !== undefined ? { need, is } : fixed };
  }),
);

const commitFates: Arbitrary<readonly CommitFate[]> = array(
  oneof(
    { weight: 6, arbitrary: constant('kept' as const) },
    { weight: 1, arbitrary: constant('lost' as const) },
    { weight: 1, arbitrary: constant('kept, then crash' as const) },
    { weight: 1, arbitrary: constant('unavailable once' as const) },
  ),
  { maxLength: 25 },
);

/** What holds of every run that has ended, however it came to that. */
function expectSound({ test, first, breaches }: GraphUnderTest): void {
  expect(breaches).toEqual([]);
  const { log, run } = test;
  expect(log.reduce(applyEvent, first)).toEqual(run);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 2));
  expect(log.every(({ at }, index) => index === 0 || at >= (log[index - 1]?.at ?? 0))).toBe(true);
  expect(run.nodes.every(({ status }) => isNodeEnded(status))).toBe(true);
  for (const { id } of run.nodes) {
    expect(log.filter((event) => 'nodeId' in event && event.nodeId === id && isEnd(event))).toHaveLength(1);
    expect(
      isRising(log.flatMap((event) => (event.kind === 'node.started' && event.nodeId === id ? [event.attempt] : []))),
    ).toBe(true);
  }
  expect(log.filter(({ kind }) => kind === 'run.started').length).toBeLessThanOrEqual(1);
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? 0));
}

type Fates = ReadonlyMap<string, Fate>;

/** Which of the failures that end a run comes first, and how far the others are then, depends on time. */
function expectEndedByOneOf(fatal: ReadonlySet<string>, run: Run, fates: Fates): void {
  expect(run.status).toBe('failed');
  expect(fatal).toContain(run.error?.nodeId);
  expect(run.creditsConsumed).toBe(0);
  expectNoOtherFates(run, fates);
}

function expectNoOtherFates(run: Run, fates: Fates): void {
  for (const { id, status } of run.nodes) expect([fates.get(id)?.status, 'cancelled', 'skipped']).toContain(status);
}

function expectFates(nodes: readonly ModelNode[], fates: Fates, { test }: GraphUnderTest): void {
  const { run } = test;
  expect(run.nodes.map(({ id, status, error }) => [id, status, error?.kind ?? null])).toEqual(
    nodes.map(({ id }) => [id, fates.get(id)?.status, fates.get(id)?.error ?? null]),
  );
  expect(run.status).toBe(runStatusOf(nodes, fates));
  for (const { id, work: done } of nodes) {
    const fate = fates.get(id);
    const told = test.events.sent.filter(({ name }) => name === `from ${id}`);
    // Whatever died meanwhile.
    expect(told).toHaveLength(done.kind === 'emit' && fate?.status === 'completed' ? 1 : 0);
    if (fate?.status !== 'completed' || ['map', 'wait', 'emit'].includes(done.kind)) continue;
    if (done.kind === 'group' && (done.items !== null || done.shape === 'race')) continue;
    expect(test.outputOf(id)).toBe(fate.error === null ? id : `instead of ${fate.error}`);
  }
}

const concurrency = constantFrom(1, 2, 10);
const cancelAfterMs = integer({ min: 0, max: 700 });

describe('random graphs', () => {
  it('come to what the reference interpreter says, over failures, retries, waits and crashes', async () => {
    await assertProperty(
      asyncProperty(graph, concurrency, commitFates, async (nodes, width, commits) => {
        const under = new GraphUnderTest(nodes, width, commits);
        const run = await under.run();
        expect(isTerminal(run.status)).toBe(true);
        expectSound(under);
        const fates = fatesOf(nodes);
        const fatal = fatalNodes(nodes, fates);
        if (fatal.size > 0) expectEndedByOneOf(fatal, run, fates);
        else expectFates(nodes, fates, under);
      }),
      { numRuns: 200 },
    );
  }, 120_000);

  it('end as cancelled, or as they had ended before, and leave nothing behind', async () => {
    await assertProperty(
      asyncProperty(graph, concurrency, commitFates, cancelAfterMs, async (nodes, width, commits, afterMs) => {
        const under = new GraphUnderTest(nodes, width, commits);
        const run = await under.run(afterMs);
        expectSound(under);
        expectNoOtherFates(run, fatesOf(nodes));
        expect(run.status === 'cancelled' ? run.creditsConsumed : 0).toBe(0);
        await under.test.clock.advance(10_000);
        const open = [...under.test.children.runs.values()].filter(({ status }) => !isTerminal(status));
        expect([under.test.clock.waiting, open]).toEqual([0, []]);
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
