import { describe, expect, it } from 'vitest';
import { stubNode } from '../../../test/support/http/rest-stub.js';
import { EXAMPLE_RUN } from '../openapi/examples.js';
import type { ApiEvent, ApiRun } from '../api-types.js';
import { applyApiEvent, applyApiEvents } from './apply-api-event.js';

const RUN: ApiRun = {
  ...EXAMPLE_RUN,
  version: 1,
  status: 'pending',
  terminal: false,
  nodes: ['a', 'b', 'c'].map((id) => stubNode({ id })),
};
const AT = '2026-11-21T20:16:05.123Z';

const EVENTS: readonly ApiEvent[] = (
  [
    ['run.created', null, {}],
    ['run.started', null, {}],
    ['node.started', 'a', { attempt: 1 }],
    ['node.started', 'a[0].in', { attempt: 1, node_kind: 'transform' }],
    ['node.started', 'a[1].in', { attempt: 1, node_kind: 'transform' }],
    ['node.completed', 'a[0].in', { attempt: 1, output: 1 }],
    ['step.completed', 'a', { key: 'a[0]', outcome: { status: 'completed', output: 1 } }],
    ['node.progress', 'a', { percent: 40, message: 'half' }],
    ['node.started', 'b', { attempt: 1 }],
    ['node.completed', 'a', { attempt: 1, output: 1 }],
    ['node.failed', 'b', { attempt: 1, error: { kind: 'error', message: 'no' } }],
    ['node.skipped', 'c', { reason: 'b failed' }],
    ['run.failed', null, { error: { kind: 'error', message: 'no', node_id: 'b' } }],
    ['run.retried', null, { resumed: ['b'], reset: ['c'] }],
    ['node.started', 'b', { attempt: 1 }],
    ['node.started', 'unknown', { attempt: 1 }],
    ['node.completed', 'b', { attempt: 1, output: 2 }],
  ] as const
).map(([kind, node_id, data], index) => ({ seq: index + 1, at: AT, kind, node_id, data: { ...data } }));

describe('applyApiEvents', () => {
  it('comes to what the events come to one by one, wherever they are cut', () => {
    const expected = EVENTS.reduce(applyApiEvent, RUN);
    expect(expected.nodes.map(({ status }) => status)).toEqual(['completed', 'completed', 'pending']);
    for (let cut = 0; cut <= EVENTS.length; cut += 1) {
      expect(applyApiEvents(applyApiEvents(RUN, EVENTS.slice(0, cut)), EVENTS.slice(cut))).toEqual(expected);
    }
    // The item that has ended took along what stood in it.
    expect(expected.nodes[0]?.inner.map(({ id }) => id)).toEqual(['a[1].in']);
    // What was seen before changes nothing.
    expect(applyApiEvents(expected, EVENTS)).toBe(expected);
  });

  it('leaves the run as it was that it is given', () => {
    const before = structuredClone(RUN);
    applyApiEvents(RUN, EVENTS);
    expect(RUN).toEqual(before);
  });
});
