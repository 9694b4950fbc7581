import { expect, it } from 'vitest';
import { type NodeExecution, pendingNode } from '../../core/run/node-execution.js';
import { nodesText, parseNodes } from './nodes-text.js';

const pending = pendingNode({ id: 'a', kind: 'code' });

const FULL: Required<NodeExecution> = {
  id: 'b',
  kind: 'agent',
  role: 'writer',
  label: 'Writer',
  status: 'waiting',
  attempt: 2,
  progress: 40,
  message: 'half',
  findings: 'two',
  error: { kind: 'timeout', message: 'late' },
  usedFallback: true,
  waitingUntil: 5,
  waitingFor: 'answer',
  question: { message: 'Which?', schema: { type: 'string' }, default: 'this' },
  event: { name: 'order.paid', key: '7', since: 1, default: null },
  waitingStep: 'tool:1',
  childRunId: 'child',
  items: { total: 3, done: 1, failed: 1 },
  inner: [{ ...pendingNode({ id: 'b[1]', kind: 'ask' }), status: 'running', attempt: 1, startedAt: 1 }],
  rounds: 2,
  innerEnded: 4,
  innerItems: 3,
  attemptAt: 1,
  fixedAt: 3,
  cutOffs: 2,
  usage: { calls: 1, inputTokens: 2, cachedInputTokens: 1, outputTokens: 3, costMicros: 4, unpricedCalls: 0 },
  startedAt: 1,
  completedAt: 2,
};

it('the text of nodes gives the same nodes again', () => {
  const nodes = [pending, FULL, { ...pending, id: 'c', status: 'skipped' as const, completedAt: 0 }];
  expect(parseNodes(nodesText(nodes))).toEqual(nodes);
});

it('the text of a node that nothing has happened to names it, and no more', () => {
  expect(nodesText([pending])).toBe('[{"id":"a","kind":"code"}]');
});

it('nodes that are written out whole are read as well', () => {
  expect(parseNodes(JSON.stringify([pending, FULL]))).toEqual([pending, FULL]);
});

it('a completed node with a failure, written before fallbacks had a field, used its fallback', () => {
  const written = '[{"id":"a","kind":"http","status":"completed","error":{"kind":"network","message":"gone"}}]';
  expect(parseNodes(written)).toMatchObject([{ status: 'completed', usedFallback: true }]);
});
