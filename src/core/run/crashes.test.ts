import { describe, expect, it } from 'vitest';
import { countCrash, countCutOff, crashesSince, listCutOff } from './crashes.js';
import { pendingNode, type NodeStatus } from './node-execution.js';
import { pendingRun, type Run } from './run.js';

const NONE = { crashes: 0, endedNodes: 0 };

function runWith(...statuses: NodeStatus[]): Run {
  const nodes = statuses.map((status, index) => ({ ...pendingNode({ id: `n${index}`, kind: 'code' }), status }));
  return pendingRun({
    id: 'r',
    organizationId: 'o',
    workflowId: 'w',
    workflowName: 'W',
    workflowVersion: 1,
    creditsReserved: 0,
    createdAt: 0,
    nodes,
  });
}

/** Its running nodes were last at work when it had been cut off so often. */
function markedWith(run: Run, cutOffs: number): Run {
  return { ...run, nodes: run.nodes.map((node) => (node.status === 'running' ? { ...node, cutOffs } : node)) };
}

describe('the death of a process', () => {
  it('counts against a run that had a node at work, each time', () => {
    const run = runWith('running', 'pending');
    const first = countCrash(run, NONE);
    expect(first).toEqual({ crashes: 1, endedNodes: 0 });
    const again = countCrash(markedWith(run, 1), first ?? NONE);
    expect(again).toEqual({ crashes: 2, endedNodes: 0 });
    expect(countCrash(markedWith(run, 2), again ?? NONE)).toEqual({ crashes: 3, endedNodes: 0 });
  });

  it('counts once against a run whose nodes waited for their turn', () => {
    const run = runWith('running', 'running');
    expect(countCrash(run, NONE)?.crashes).toBe(1);
    expect(countCrash(run, { crashes: 1, endedNodes: 0 })).toBeNull();
    expect(countCrash(markedWith(run, 1), { crashes: 2, endedNodes: 0 })).toBeNull();
  });

  it('is held against the nodes that were at work when it last came', () => {
    const run = runWith('running', 'running', 'pending');
    const [one, other, ...more] = run.nodes.map((node) => ({ ...node }));
    const ids = (nodes: Run['nodes'], times: number): readonly string[] =>
      listCutOff({ ...run, nodes }, times).map(({ id }) => id);
    expect(ids(run.nodes, 1)).toEqual(['n0', 'n1']);
    if (one === undefined || other === undefined) throw new Error('there are no nodes');
    const nodes = [{ ...one, cutOffs: 2 }, { ...other, cutOffs: 1 }, ...more];
    expect(ids(nodes, 3)).toEqual(['n0']);
    expect(ids(nodes, 2)).toEqual(['n1']);
    // Of records from before this was told of each node.
    expect(ids(run.nodes, 3)).toEqual(['n0', 'n1']);
  });

  it('counts once against a run that was accepted and may have begun', () => {
    const run = runWith('pending');
    expect(countCrash(run, NONE)?.crashes).toBe(1);
    expect(countCrash(run, { crashes: 1, endedNodes: 0 })).toBeNull();
  });

  it('does not count against a run that only waits', () => {
    expect(countCrash(runWith('completed', 'waiting', 'pending'), NONE)).toBeNull();
  });

  it('counts anew where a node has ended since the last one', () => {
    expect(countCrash(runWith('completed', 'running'), { crashes: 2, endedNodes: 0 })?.crashes).toBe(1);
    expect(countCrash(markedWith(runWith('completed', 'running'), 2), { crashes: 2, endedNodes: 1 })?.crashes).toBe(3);
  });

  it('counts anew where an attempt has ended since the last one', () => {
    const run = runWith('running');
    const at = (attempt: number, more: object = {}): Run => ({
      ...run,
      nodes: run.nodes.map((node) => ({ ...node, attempt, ...more })),
    });
    const twice = { crashes: 2, endedNodes: 0 };
    expect(crashesSince(at(1), twice)).toBe(2);
    expect(crashesSince(at(1, { status: 'waiting', waitingFor: 'retry' }), twice)).toBe(0);
    expect(crashesSince(at(1, { status: 'waiting', waitingFor: 'answer' }), twice)).toBe(2);
    expect(crashesSince(at(2), twice)).toBe(0);
    expect(countCrash(at(2), twice)).toEqual({ crashes: 1, endedNodes: 1 });
  });
});

describe('the end of a worker', () => {
  it('counts with the deaths of the process, until an attempt has ended', () => {
    const run = runWith('running', 'pending');
    const cutOff = countCutOff(run, NONE, 1);
    expect(cutOff).toEqual({ crashes: 1, endedNodes: 0 });
    expect(countCrash(run, cutOff)).toBeNull();
    const died = countCrash(markedWith(run, 1), cutOff);
    expect(died).toEqual({ crashes: 2, endedNodes: 0 });
    expect(countCutOff(runWith('completed', 'running'), died ?? NONE, 1)).toEqual({ crashes: 1, endedNodes: 1 });
  });

  it('of several attempts counts once: the one that was cut off most often', () => {
    const run = runWith('running', 'running');
    expect(countCutOff(run, countCutOff(run, NONE, 2), 1)).toEqual({ crashes: 2, endedNodes: 0 });
  });
});
