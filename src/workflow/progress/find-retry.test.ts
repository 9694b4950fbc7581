import { describe, expect, it } from 'vitest';
import { pendingNode, type NodeExecution, type NodeStatus } from '../../core/run/node-execution.js';
import { nodeKinds } from '../../nodes/registry.js';
import { createPlan } from '../create-plan.js';
import { findDownstream, findRetry } from './find-retry.js';

/** `a` and `b` stand alone, `c` needs `a`, `d` needs `b`, `e` needs `c` and `d`. */
const NEEDS: Record<string, string[]> = { a: [], b: [], c: ['a'], d: ['b'], e: ['c', 'd'] };

const plan = createPlan({
  definition: {
    id: 'w',
    name: 'W',
    description: 'w',
    nodes: Object.entries(NEEDS).map(([id, needs]) => ({ id, kind: 'transform', needs })),
  },
  version: 1,
  handlers: {},
  kinds: nodeKinds,
});

function nodes(statuses: Record<string, NodeStatus>): NodeExecution[] {
  return Object.keys(NEEDS).map((id) => ({
    ...pendingNode({ id, kind: 'transform', role: null, label: null }),
    status: statuses[id] ?? 'completed',
  }));
}

describe('what a retry runs again', () => {
  it('is what failed and what depends on it, and nothing else', () => {
    const retry = findRetry({ plan, nodes: nodes({ d: 'failed', e: 'skipped' }), passedOver: new Set(['e']) });
    expect(retry).toEqual({ resumed: ['d'], reset: ['e'] });
  });

  it('is also what completed with the help of a failure that was allowed', () => {
    expect(findRetry({ plan, nodes: nodes({ b: 'failed' }), passedOver: new Set() })).toEqual({
      resumed: ['b'],
      reset: ['d', 'e'],
    });
  });

  it('is what never got its turn, though it depends on nothing that failed', () => {
    const retry = findRetry({
      plan,
      nodes: nodes({ a: 'failed', c: 'skipped', d: 'skipped', e: 'skipped' }),
      passedOver: new Set(['c', 'd', 'e']),
    });
    expect(retry).toEqual({ resumed: ['a', 'd'], reset: ['c', 'e'] });
  });

  it('leaves alone what its own condition kept from running', () => {
    const retry = findRetry({ plan, nodes: nodes({ a: 'skipped', d: 'failed' }), passedOver: new Set() });
    expect(retry).toEqual({ resumed: ['d'], reset: ['e'] });
  });

  it('starts a failure from scratch that depends on another', () => {
    const retry = findRetry({ plan, nodes: nodes({ b: 'failed', d: 'failed' }), passedOver: new Set() });
    expect(retry).toEqual({ resumed: ['b'], reset: ['d', 'e'] });
  });

  it('is all that a cancel cut short', () => {
    const cancelled = nodes({ c: 'cancelled', d: 'cancelled', e: 'cancelled' });
    expect(findRetry({ plan, nodes: cancelled, passedOver: new Set() })).toEqual({
      resumed: ['c', 'd'],
      reset: ['e'],
    });
  });

  it('is nothing when nothing failed', () => {
    expect(findRetry({ plan, nodes: nodes({}), passedOver: new Set() })).toEqual({ resumed: [], reset: [] });
  });
});

it('what is downstream of a node is the node and all that depends on it', () => {
  expect([...findDownstream(plan, 'b')]).toEqual(['b', 'd', 'e']);
});
