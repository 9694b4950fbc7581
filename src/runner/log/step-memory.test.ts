import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../core/run/events.js';
import { silentLogger } from '../../core/ports/logger.js';
import { pendingNode } from '../../core/run/node-execution.js';
import { pendingRun } from '../../core/run/run.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { RunLog } from './run-log.js';
import { StepOutcomes } from './step-outcomes.js';
import { StepMemory, type RememberedStep } from './step-memory.js';

const run = pendingRun({
  id: 'r',
  organizationId: 'o',
  workflowId: 'w',
  workflowName: 'W',
  workflowVersion: 1,
  creditsReserved: 0,
  createdAt: 0,
  nodes: [pendingNode({ id: 'a', kind: 'code' })],
});
const completed = (output: string | null) => ({ status: 'completed', output }) as const;
const step = (key: string, output: string | null = key): RememberedStep => ({
  nodeId: 'a',
  key,
  outcome: completed(output),
  usage: null,
});

function open(outcomes = new Map([['a~1:step:old', completed('old')]])) {
  const clock = new ManualClock();
  const kept: RunEvent[] = [];
  const recorder = {
    record: async ({ events }: { readonly events: readonly RunEvent[] }) => {
      kept.push(...events);
      return 'kept' as const;
    },
  };
  const log = new RunLog({ run, epoch: 1, recorder, clock, logger: silentLogger });
  return { clock, kept, memory: new StepMemory(log, new StepOutcomes(outcomes)) };
}

describe('the memory of steps', () => {
  it('recalls what the log held and what was remembered since, null outputs too, and nothing else', async () => {
    const { memory } = open();
    await memory.remember(step('a~1:step:new', null));
    expect(memory.recall('a~1:step:old')).toEqual(completed('old'));
    expect(memory.recall('a~1:step:new')).toEqual(completed(null));
    expect(memory.recall('a~1:step:other')).toBeNull();
  });

  it('resolves once an outcome is in the log, with what a model used for it', async () => {
    const { memory, kept } = open();
    const usage = {
      model: 'openai/a',
      calls: 1,
      inputTokens: 1,
      cachedInputTokens: 0,
      outputTokens: 1,
      costMicros: 1,
      unpricedCalls: 0,
    };
    await memory.remember({ ...step('a~1:model:x'), usage });
    await memory.remember(step('a~1:step:y'));
    expect(kept).toMatchObject([
      { kind: 'step.completed', nodeId: 'a', key: 'a~1:model:x', outcome: completed('a~1:model:x'), usage },
      { kind: 'step.completed', nodeId: 'a', key: 'a~1:step:y' },
    ]);
    expect(kept[1]).not.toHaveProperty('usage');
  });

  it('lets outcomes that nothing depends on share a commit', async () => {
    const { memory, kept, clock } = open();
    memory.rememberWithin(20, step('a[0]'));
    memory.rememberWithin(20, step('a[1]'));
    expect(kept).toEqual([]);
    expect(memory.recall('a[1]')).toEqual(completed('a[1]'));
    await clock.advance(20);
    expect(kept).toHaveLength(2);
  });
});
