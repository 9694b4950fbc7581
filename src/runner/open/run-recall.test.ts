import { describe, expect, it } from 'vitest';
import type { RunEventBody } from '../../core/run/events.js';
import type { JsonObject } from '../../core/json.js';
import { RunRecall } from './run-recall.js';

function recall(...bodies: RunEventBody[]): RunRecall {
  const recalled = new RunRecall();
  for (const [index, body] of bodies.entries()) recalled.add({ ...body, seq: index + 1, at: 1_000 * index });
  return recalled;
}

const step = (nodeId: string, key: string, ok: boolean): RunEventBody => ({
  kind: 'step.completed',
  nodeId,
  key,
  outcome: ok ? { status: 'completed', output: key } : { status: 'failed', error: { kind: 'error', message: 'down' } },
});
const completed = (nodeId: string): RunEventBody => ({ kind: 'node.completed', nodeId, attempt: 1, output: nodeId });

describe('what a log tells', () => {
  it('are the outputs, the outcomes of steps, and when its newest event was', () => {
    const recalled = recall(completed('a'), step('m', 'm[0]', true), step('m', 'm[1]', false));
    expect([...recalled.outputs]).toEqual([['a', 'a']]);
    expect([...recalled.remembered.keys()]).toEqual(['m[0]', 'm[1]']);
    expect(recalled.lastAt).toBe(2_000);
  });

  it('leaves out, after a retry, what failed of nodes that go on and all of nodes that start from scratch', () => {
    const recalled = recall(
      completed('a'),
      completed('b'),
      step('m', 'm[0]', true),
      step('m', 'm[1]', false),
      step('m', 'm[1]@2', true),
      step('b', 'b[0]', true),
      { kind: 'run.retried', resumed: ['m'], reset: ['b'] },
    );
    expect([...recalled.outputs.keys()]).toEqual(['a']);
    expect([...recalled.remembered.keys()]).toEqual(['m[0]', 'm[1]']);
    expect(recalled.remembered.get('m[1]')).toMatchObject({ status: 'completed' });
  });

  it('leaves out what was dropped or masked of models and the tools that they use, and nothing else', () => {
    const steps = ['a~1:model:call 1', 'a~1:tool:call 1.1 look', 'a~1:run:call 1.2 child', 'a~1:step:own', 'm[0]'];
    const kept = (output: JsonObject): string[] => {
      const outcome = { status: 'completed', output } as const;
      return [
        ...recall(
          ...steps.map((key): RunEventBody => ({ kind: 'step.completed', nodeId: 'a', key, outcome })),
        ).remembered.keys(),
      ];
    };
    expect(kept({ result: 1 })).toEqual(steps);
    expect(kept({ dropped: true })).toEqual(steps.slice(3));
    expect(kept({ result: '[email]', redacted: true })).toEqual(steps.slice(3));
  });
});
