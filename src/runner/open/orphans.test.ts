import { expect, it } from 'vitest';
import { pendingNode, type NodeExecution } from '../../core/run/node-execution.js';
import { pendingRun, type Run } from '../../core/run/run.js';
import { isWaitedFor } from './orphans.js';

const each = pendingNode({ id: 'each', kind: 'map' });

function above(node: Partial<NodeExecution>): Run {
  return pendingRun({
    id: 'above',
    organizationId: 'o',
    workflowId: 'w',
    workflowName: 'W',
    workflowVersion: 1,
    creditsReserved: 0,
    createdAt: 0,
    nodes: [{ ...each, ...node }],
  });
}

const isWanted = (nodeId: string, node: Partial<NodeExecution>): boolean =>
  isWaitedFor({ id: 'child' }, { runId: 'above', nodeId, depth: 1 }, above(node));

it('a run is waited for by the node inside another one that started it', () => {
  const sub = {
    ...pendingNode({ id: 'each[3].sub', kind: 'workflow' }),
    status: 'waiting',
    waitingFor: 'run',
  } as const;
  const inner = (childRunId: string): Partial<NodeExecution> => ({
    status: 'running',
    inner: [{ ...sub, childRunId }],
  });
  expect(isWanted('each[3].sub', inner('child'))).toBe(true);
  expect(isWanted('each[3].sub', inner('another'))).toBe(false);
});

it('a run may yet be waited for by a node whose start was lost with the process', () => {
  expect(isWanted('each[3].sub', { status: 'running', inner: [] })).toBe(true);
  expect(isWanted('each[3].sub', { status: 'completed' })).toBe(false);
  expect(isWanted('gone', { status: 'running' })).toBe(false);
});
