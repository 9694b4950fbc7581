import { describe, expect, it } from 'vitest';
import { countCrash, countCutOff, crashesSince } from './crashes.js';
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

describe('the death of a process', () => {
  it('counts against a run that had a node at work, each time', () => {
    const run = runWith('running', 'pending');
    const first = countCrash(run, NONE);
    expect(first).toEqual({ crashes: 1, endedNodes: 0 });
    expect(countCrash(run, first ?? NONE)).toEqual({ crashes: 2, endedNodes: 0 });
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
    expect(countCrash(runWith('completed', 'running'), { crashes: 2, endedNodes: 1 })?.crashes).toBe(3);
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
    const died = countCrash(run, cutOff);
    expect(died).toEqual({ crashes: 2, endedNodes: 0 });
    expect(countCutOff(runWith('completed', 'running'), died ?? NONE, 1)).toEqual({ crashes: 1, endedNodes: 1 });
  });

  it('of several attempts counts once: the one that was cut off most often', () => {
    const run = runWith('running', 'running');
    expect(countCutOff(run, countCutOff(run, NONE, 2), 1)).toEqual({ crashes: 2, endedNodes: 0 });
  });
});
