import { describe, expect, it } from 'vitest';
import type { RunEventBody } from '../../core/run/events.js';
import { pendingNode } from '../../core/run/node-execution.js';
import { pendingRun, type Run } from '../../core/run/run.js';
import { Registry } from './registry.js';
import { RunMetrics } from './run-metrics.js';

const run = pendingRun({
  id: 'r',
  organizationId: 'o',
  workflowId: 'greet',
  workflowName: 'Greet',
  workflowVersion: 1,
  creditsReserved: 5,
  createdAt: 1_000,
  nodes: [pendingNode({ id: 'ask', kind: 'llm' })],
});

function observed(...recorded: readonly (readonly [at: number, body: RunEventBody, change?: Partial<Run>])[]): string {
  const registry = new Registry();
  const metrics = new RunMetrics(registry);
  let record = run;
  for (const [seq, [at, body, change]] of recorded.entries()) {
    record = { ...record, ...change };
    metrics.observe(record, [{ ...body, seq, at }]);
  }
  return registry.render();
}

describe('what is counted of runs', () => {
  it('is their way from acceptance to end, with the attempts at their nodes and what models used', () => {
    const usage = {
      calls: 1,
      inputTokens: 100,
      cachedInputTokens: 20,
      outputTokens: 7,
      costMicros: 250,
      unpricedCalls: 0,
    };
    const text = observed(
      [1_000, { kind: 'run.created', input: {}, instruction: null }],
      [3_000, { kind: 'run.started' }],
      [3_000, { kind: 'node.started', nodeId: 'ask', attempt: 1 }],
      [3_500, { kind: 'node.usage', nodeId: 'ask', step: 's', usage: { ...usage, model: 'openai/gpt-5' } }],
      [4_000, { kind: 'node.completed', nodeId: 'ask', attempt: 1, output: 1 }],
      [
        5_000,
        { kind: 'run.completed', output: 1, summary: null, creditsConsumed: 3 },
        { status: 'completed', creditsConsumed: 3 },
      ],
    );
    for (const line of [
      'errand_runs_created_total{workflow="greet"} 1',
      'errand_runs_ended_total{workflow="greet",status="completed"} 1',
      'errand_run_queue_seconds_sum{workflow="greet"} 2',
      'errand_run_duration_seconds_sum{workflow="greet"} 4',
      'errand_node_attempts_total{kind="llm",outcome="completed"} 1',
      'errand_node_attempt_seconds_sum{kind="llm"} 1',
      'errand_model_calls_total{model="openai/gpt-5"} 1',
      'errand_model_tokens_total{model="openai/gpt-5",direction="input"} 100',
      'errand_model_tokens_total{model="openai/gpt-5",direction="cached_input"} 20',
      'errand_model_cost_usd_total{model="openai/gpt-5"} 0.00025',
      'errand_credits_consumed_total{workflow="greet"} 3',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('is, of a retried run, the credits since its retry and no second time in the queue', () => {
    const retried = { status: 'failed', creditsConsumed: 5, retries: { count: 1, creditsConsumed: 3 } } as const;
    const text = observed(
      [1_000, { kind: 'run.retried', resumed: [], reset: [] }, retried],
      [2_000, { kind: 'run.started' }],
      [3_000, { kind: 'run.failed', error: { kind: 'error', message: 'm', nodeId: null } }],
    );
    expect(text).toContain('errand_credits_consumed_total{workflow="greet"} 2\n');
    expect(text).toContain('errand_runs_retried_total{workflow="greet"} 1\n');
    expect(text).not.toContain('errand_run_queue_seconds_count');
  });
});
