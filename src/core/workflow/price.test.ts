import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../models/models.js';
import { pendingNode, type NodeExecution } from '../run/node-execution.js';
import type { CreditsDefinition, NodeDefinition, WorkflowDefinition } from './definition.js';
import { chargeShare, chargeWhole, chargeWithoutResult, creditCeiling, findCeiling, readPrice } from './price.js';

const NODES: readonly NodeDefinition[] = [
  { id: 'each', kind: 'map' },
  { id: 'write', kind: 'llm' },
];

function priced(credits: CreditsDefinition, rest: Partial<WorkflowDefinition> = {}) {
  return { credits, nodes: NODES, ...rest };
}

function used(id: string, { done = 0, tokens = 0, role = null as string | null, started = true } = {}): NodeExecution {
  return {
    ...pendingNode({ id, kind: 'code', role }),
    status: 'completed',
    startedAt: started ? 1 : null,
    ...(done === 0 ? {} : { items: { total: done, done, failed: 0 } }),
    ...(tokens === 0 ? {} : { usage: { ...NO_USAGE, inputTokens: tokens - 1, outputTokens: 1 } }),
  };
}

function charge(credits: CreditsDefinition, nodes: readonly NodeExecution[], consumed = 0): number {
  const definition = priced(credits);
  const run = { creditsReserved: creditCeiling(definition), creditsConsumed: consumed, nodes };
  return chargeWhole({ price: readPrice(definition), charge: 'result' }, run);
}

describe('a price by use', () => {
  it('adds up what a run, its items and its tokens cost, and takes a whole credit for a part of one', () => {
    const price = { base: 5, per_item: 0.5, per_1k_tokens: 2, max: 100 };
    expect(charge(price, [])).toBe(5);
    expect(charge(price, [used('each', { done: 7 })])).toBe(9);
    expect(charge(price, [used('each', { done: 8 }), used('write', { tokens: 1_500 })])).toBe(12);
    expect(charge(price, [used('write', { tokens: 1 })])).toBe(6);
  });

  it('takes a rate of a node in place of that of the workflow, and its base when it has completed', () => {
    const price = { base: 1, per_1k_tokens: 1, nodes: { write: { base: 3, per_1k_tokens: 10 } }, max: 100 };
    expect(charge(price, [used('each', { tokens: 1_000 }), used('write', { tokens: 1_000 })])).toBe(15);
    expect(charge(price, [{ ...used('write', { tokens: 1_000 }), status: 'failed' }])).toBe(11);
  });

  it('takes nothing for what an earlier run did', () => {
    expect(charge({ base: 1, nodes: { write: { base: 3 } } }, [used('write', { started: false })])).toBe(1);
  });

  it('takes no more than was reserved, and gives nothing back', () => {
    expect(charge({ per_item: 1, max: 10 }, [used('each', { done: 50 })])).toBe(10);
    expect(charge({ per_item: 1, max: 10 }, [], 4)).toBe(4);
  });

  it('adds rates up exactly', () => {
    const rates = fc.integer({ min: 0, max: 5_000 }).map((thousandths) => thousandths / 1_000);
    fc.assert(
      fc.property(rates, rates, fc.nat(10_000), fc.nat(10_000_000), (perItem, perThousand, done, tokens) => {
        const price = { per_item: perItem, per_1k_tokens: perThousand, max: 1_000_000_000 };
        const micros =
          BigInt(Math.round(perItem * 1e6)) * BigInt(done) + BigInt(Math.round(perThousand * 1e3)) * BigInt(tokens);
        expect(charge(price, [used('each', { done }), used('write', { tokens })])).toBe(
          Number((micros + 999_999n) / 1_000_000n),
        );
      }),
    );
  });
});

describe('a run with a price by use that does not complete', () => {
  const price = readPrice(priced({ base: 10, per_item: 1, max: 50 }));
  const nodes = [used('each', { done: 4, role: 'a' }), { ...used('write', { role: 'b' }), status: 'failed' as const }];
  const run = { creditsReserved: 50, creditsConsumed: 0, nodes };

  it('costs its completed agents’ share and what was used when it completes in part', () => {
    expect(chargeShare({ price }, run)).toBe(9);
  });

  it('costs what its workflow charges for when it fails', () => {
    expect(chargeWithoutResult({ price, charge: 'result' }, run)).toBeNull();
    expect(chargeWithoutResult({ price, charge: 'completed_agents' }, run)).toBe(9);
    expect(chargeWithoutResult({ price, charge: 'use' }, run)).toBe(4);
  });
});

describe('what a run reserves', () => {
  it.each<[CreditsDefinition, Partial<WorkflowDefinition>, number | null]>([
    [7, {}, 7],
    [{ base: 7 }, {}, 7],
    [{ base: 7, nodes: { write: { base: 3 } } }, {}, 10],
    [{ base: 7, per_item: 1, max: 90 }, {}, 90],
    [{ base: 7, per_item: 1 }, {}, null],
    [{ per_1k_tokens: 2 }, {}, null],
    [{ base: 1, per_1k_tokens: 2 }, { budget: { tokens: 10_500 } }, 22],
    [{ base: 1, nodes: { write: { per_1k_tokens: 5 } } }, { budget: { tokens: 1_000 } }, 6],
    [{ nodes: { write: { per_1k_tokens: 5 } } }, { nodes: [{ id: 'write', kind: 'llm', budget: { tokens: 1 } }] }, 1],
    [{ per_1k_tokens: 5 }, { nodes: [{ id: 'write', kind: 'llm', budget: { tokens: 1 } }, NODES[0]!] }, null],
  ])('of %j with %j is %j', (credits, rest, ceiling) => {
    expect(findCeiling(priced(credits, rest))).toBe(ceiling);
  });
});
