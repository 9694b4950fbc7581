import { describe, expect, it } from 'vitest';
import { applyEvent } from './apply-event.js';
import type { RunEvent, RunEventBody } from './events.js';
import { pendingNode, type NodeExecution } from './node-execution.js';
import { pendingRun, type Run } from './run.js';

const node = (id: string): NodeExecution => pendingNode({ id, kind: 'code' });

const fresh = pendingRun({
  id: '0197a000-0000-7000-8000-000000000001',
  organizationId: 'o',
  workflowId: 'w',
  workflowName: 'W',
  workflowVersion: 1,
  creditsReserved: 5,
  createdAt: 1_000,
  nodes: [node('a'), node('b')],
});

function fold(run: Run, ...bodies: RunEventBody[]): Run {
  return bodies.reduce<Run>((folded, body) => {
    const event: RunEvent = { ...body, seq: folded.version + 1, at: 1_000 + folded.version * 10 };
    return applyEvent(folded, event);
  }, run);
}

describe('applyEvent', () => {
  it('follows a run from start to completion', () => {
    const run = fold(
      fresh,
      { kind: 'run.started' },
      { kind: 'node.started', nodeId: 'a', attempt: 1 },
      { kind: 'node.completed', nodeId: 'a', attempt: 1, output: 1 },
      { kind: 'run.completed', output: { x: 1 }, summary: 'done', creditsConsumed: 5 },
    );
    expect(run).toMatchObject({
      status: 'completed',
      version: 5,
      output: { x: 1 },
      summary: 'done',
      creditsConsumed: 5,
    });
    expect(run.startedAt).toBe(1_010);
    expect(run.completedAt).toBe(1_040);
    expect(run.nodes[0]).toMatchObject({ status: 'completed', progress: 100, startedAt: 1_020, completedAt: 1_030 });
    expect(run.nodes[1]).toEqual(node('b'));
  });

  it('never lets progress fall', () => {
    const at = (percent: number): RunEventBody => ({ kind: 'node.progress', nodeId: 'a', percent, message: null });
    const run = fold(fresh, { kind: 'node.started', nodeId: 'a', attempt: 1 }, at(60), at(20));
    expect(run.nodes[0]?.progress).toBe(60);
  });

  it('keeps the first start over retries and shows what is waited for', () => {
    const error = { kind: 'network', message: 'no answer' };
    const waiting = fold(
      fresh,
      { kind: 'node.started', nodeId: 'a', attempt: 1 },
      { kind: 'node.retrying', nodeId: 'a', attempt: 1, error, until: 9_000 },
    );
    expect(waiting.nodes[0]).toMatchObject({ status: 'waiting', waitingUntil: 9_000, error });
    const again = fold(waiting, { kind: 'node.started', nodeId: 'a', attempt: 2 });
    expect(again.nodes[0]).toMatchObject({ status: 'running', attempt: 2, waitingUntil: null, startedAt: 1_010 });
    const done = fold(again, { kind: 'node.completed', nodeId: 'a', attempt: 2, output: null });
    expect(done.nodes[0]?.error).toBeNull();
  });

  it('leaves the record that it was given as it was', () => {
    const before = structuredClone(fresh);
    fold(fresh, { kind: 'run.started' }, { kind: 'node.started', nodeId: 'a', attempt: 1 });
    expect(fresh).toEqual(before);
  });

  it('has no output when a partly completed run has none that fits', () => {
    const run = fold(fresh, {
      kind: 'run.partially_completed',
      outputError: 'score is missing',
      summary: null,
      creditsConsumed: 3,
    });
    expect(run).toMatchObject({ status: 'partial_complete', outputError: 'score is missing', creditsConsumed: 3 });
    expect('output' in run).toBe(false);
  });

  it('keeps what a node waits for while it waits, and no longer', () => {
    const question = { message: 'Ship it?', schema: { type: 'boolean' } };
    const asked = fold(
      fresh,
      { kind: 'node.started', nodeId: 'a', attempt: 1 },
      { kind: 'node.waiting', nodeId: 'a', attempt: 1, wait: { for: 'answer', until: 9_000, question } },
    );
    expect(asked.nodes[0]).toMatchObject({ status: 'waiting', waitingFor: 'answer', waitingUntil: 9_000, question });
    const answered = fold(asked, { kind: 'node.answered', nodeId: 'a', attempt: 1, answer: true, by: 'caller' });
    expect(answered.nodes[0]).toMatchObject({ status: 'running', waitingUntil: null });
    expect(answered.nodes[0]).not.toHaveProperty('question');
    expect(answered.nodes[0]).not.toHaveProperty('waitingFor');
  });

  it('keeps the run that a node started after that run has ended', () => {
    const run = fold(
      fresh,
      { kind: 'node.started', nodeId: 'a', attempt: 1 },
      { kind: 'node.waiting', nodeId: 'a', attempt: 1, wait: { for: 'run', until: null, runId: 'child' } },
      { kind: 'node.completed', nodeId: 'a', attempt: 1, output: 1 },
    );
    expect(run.nodes[0]).toMatchObject({ status: 'completed', childRunId: 'child', waitingUntil: null, error: null });
    expect(run.nodes[0]).not.toHaveProperty('waitingFor');
  });

  it('tells a fallback by the failure that it stands in for', () => {
    const fallbackFor = { kind: 'network', message: 'no such host' };
    const run = fold(fresh, { kind: 'node.completed', nodeId: 'a', attempt: 1, output: 1, fallbackFor });
    expect(run.nodes.map(({ usedFallback }) => usedFallback === true)).toEqual([true, false]);
    expect(run.nodes[0]?.error).toEqual(fallbackFor);
  });

  it('counts items', () => {
    const run = fold(fresh, { kind: 'node.items', nodeId: 'a', total: 5, done: 2, failed: 1 });
    expect(run.nodes[0]?.items).toEqual({ total: 5, done: 2, failed: 1 });
  });
});
