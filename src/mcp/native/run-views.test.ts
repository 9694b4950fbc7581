import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import {
  CREATED_AT,
  SAMPLE_RUNS,
  sampleAgent,
  sampleRun,
  sampleWorkflow,
} from '../../../test/support/runs/sample-records.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import type { Json, JsonObject, JsonSchema } from '../../core/json.js';
import { listItemOf } from '../../core/run/output-json.js';
import type { Run } from '../../core/run/run.js';
import { collectOutputs } from './views/collect-outputs.js';
import { renderRunList, renderRunStatus } from './views/native-render.js';
import { DETAILS, GET_RUN_STATUS_OUTPUT, LIST_RUNS_OUTPUT, RUN_WORKFLOW_OUTPUT } from './schemas/native-schemas.js';
import { toTask } from './tasks/run-task.js';
import { OUTPUT_LIMITS, outputFields, runUri } from '../tool-kit/cut-output.js';
import { computePollAfterMs, computePercent } from './views/poll-advice.js';
import { runResult } from './views/run-result.js';
import { runText } from './views/run-text.js';
import { nextAction, statusMessage } from './views/run-words.js';
import { renderRunWorkflow } from './views/run-workflow-result.js';
import { toolOutputSchema } from './schemas/workflow-schemas.js';
import { renderRunId } from '../../core/render/run-id.js';

const NOW = CREATED_AT + 5_000;
const RUNS: [string, Run][] = Object.entries(SAMPLE_RUNS);
const { definition } = sampleWorkflow().version;

/** What is wrong with a value, seen as a client sees it: over the wire. */
function faultsOf(value: JsonObject, schema: JsonSchema): unknown {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  const validate = ajv.compile(schema);
  return validate(JSON.parse(JSON.stringify(value))) ? null : validate.errors;
}

describe('a run as the native contract shows it', () => {
  it.each(RUNS)('fits the advertised schemas: %s', (_, run) => {
    for (const detail of DETAILS) {
      expect(faultsOf(renderRunStatus({ run, now: NOW, detail }), GET_RUN_STATUS_OUTPUT)).toBeNull();
    }
    const end = { run, definition, now: NOW };
    expect(faultsOf(renderRunWorkflow(end, true), RUN_WORKFLOW_OUTPUT)).toBeNull();
    expect(faultsOf(renderRunWorkflow(end), RUN_WORKFLOW_OUTPUT)).toBeNull();
    const list = {
      runs: renderRunList([listItemOf(run)]),
      total: 1,
      limit: 20,
      offset: 0,
      next_before: null,
    };
    expect(faultsOf(list, LIST_RUNS_OUTPUT)).toBeNull();
  });

  it.each(RUNS)('fits the schema of its workflow’s tool: %s', (_, run) => {
    const value = runResult({ run, definition, now: NOW })['structuredContent'] as JsonObject;
    expect(faultsOf(value, toolOutputSchema(definition))).toBeNull();
  });

  it('carries every field of both other contracts', () => {
    const view = renderRunStatus({ run: SAMPLE_RUNS.completed, now: NOW, detail: 'agents' });
    const theirs = ['run_id', 'status', 'output', 'error', 'created_at', 'completed_at', 'duration_seconds'];
    theirs.push('workflow_id', 'agent_count', 'credits_reserved', 'credits_consumed', 'summary', 'error_message');
    theirs.push('started_at', 'agents');
    expect(Object.keys(view)).toEqual(expect.arrayContaining(theirs));
    expect(view).toMatchObject({ run_id: `run_${SAMPLE_RUNS.completed.id}`, duration_seconds: 0.3 });
  });

  it('says what to do for as long as it goes on, and not after', () => {
    for (const run of Object.values(SAMPLE_RUNS)) {
      const view = renderRunStatus({ run, now: NOW, detail: 'summary' });
      expect('next_action' in view).toBe(view['terminal'] === false);
      expect(view['poll_after_ms'] === 0).toBe(view['terminal']);
      expect(runText(run, { runId: 'run_x', now: NOW }).includes('get_run_status')).toBe(view['terminal'] === false);
    }
  });

  it('says what keeps it and its nodes from going ahead', () => {
    const waits = { run: 'a free slot: 5 of 5 runs are active', nodes: new Map([['links', 'the resource crm']]) };
    const view = renderRunStatus({ run: SAMPLE_RUNS.pending, now: NOW, detail: 'full', waits });
    expect(view).toMatchObject({
      waiting_for: waits.run,
      status_message: `waiting for ${waits.run}`,
      agents: [{ held_up_by: 'the resource crm' }, {}],
    });
    expect(faultsOf(view, GET_RUN_STATUS_OUTPUT)).toBeNull();
    expect(runText(SAMPLE_RUNS.pending, { runId: 'run_x', now: NOW, waits })).toContain('5 of 5 runs');
  });

  it('shows what nodes wait for, ask, count and started, and no error of what has not failed', () => {
    const question = { message: 'Go on?', schema: { type: 'boolean' } };
    const run = sampleRun({
      status: 'running',
      nodes: [
        { ...sampleAgent('a', 'waiting'), waitingFor: 'answer', waitingUntil: null, question },
        { ...sampleAgent('b', 'running'), items: { total: 9, done: 3, failed: 1 }, childRunId: SAMPLE_RUNS.failed.id },
        { ...sampleAgent('c', 'completed'), usedFallback: true, error: { kind: 'error', message: 'stood in for' } },
      ],
    });
    const view = renderRunStatus({ run, now: NOW, detail: 'agents' });
    expect(view).toMatchObject({
      status_message: '1 of 3 agents done; a Inspector waits for an answer; b Inspector 40 %',
      agents: [
        { waiting_for: 'answer', question, error_message: null },
        { items: { done: 3 }, child_run_id: `run_${SAMPLE_RUNS.failed.id}` },
        { used_fallback: true, error_message: null },
      ],
    });
    expect(faultsOf(view, GET_RUN_STATUS_OUTPUT)).toBeNull();
  });

  it('keeps partial_complete, and tells whether there is an output', () => {
    expect(renderRunStatus({ run: SAMPLE_RUNS.partlyWithoutOutput, now: NOW, detail: 'summary' })).toMatchObject({
      status: 'partial_complete',
      output_error: expect.stringContaining('/score') as string,
    });
    expect(runResult({ run: SAMPLE_RUNS.partlyWithoutOutput, definition, now: NOW })).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'run_partial' } },
    });
    expect(runResult({ run: SAMPLE_RUNS.partlyWithOutput, definition, now: NOW })).toMatchObject({
      structuredContent: { score: 40 },
    });
  });
});

describe('outputs in a status answer', () => {
  it('are whole up to the stated size, and cut with how much is missing above it', async () => {
    const run = { ...SAMPLE_RUNS.completed, output: { text: 'x'.repeat(OUTPUT_LIMITS.whole) } };
    const view = renderRunStatus({ run, now: NOW, detail: 'summary' });
    const total = JSON.stringify(run.output).length;
    expect(view).toMatchObject({ output_cut: { shown_characters: 2_000, total_characters: total } });
    expect(view).not.toHaveProperty('output');
    expect(faultsOf(view, GET_RUN_STATUS_OUTPUT)).toBeNull();
    expect(view['output_cut']).toMatchObject({ resource: `errand://runs/${renderRunId(run.id)}` });
    const whole = outputFields('x'.repeat(OUTPUT_LIMITS.whole - 2), {
      most: OUTPUT_LIMITS.whole,
      resource: runUri(run.id),
    });
    expect(whole.fields).toHaveProperty('output');
  });

  it('of nodes share one size, the first shown first', async () => {
    async function* outputs() {
      for (let index = 0; index < 300; index++) {
        yield {
          nodeId: `n${index}`,
          output: (index % 2 === 0 ? 'y'.repeat(OUTPUT_LIMITS.node - 10) : { small: true }) as Json,
        };
      }
    }
    const collected = await collectOutputs(SAMPLE_RUNS.completed.id, outputs());
    expect(collected.size).toBe(300);
    expect(JSON.stringify([...collected.values()]).length).toBeLessThan(OUTPUT_LIMITS.nodes + 300 * 250);
    expect(collected.get('n0')).toHaveProperty('output');
    expect(collected.get('n299')).toMatchObject({
      output_cut: {
        shown_characters: 0,
        total_characters: 14,
        resource: `errand://runs/${renderRunId(SAMPLE_RUNS.completed.id)}/nodes/n299`,
      },
    });
  });

  it('are not cut in the middle of a character', () => {
    const { fields } = outputFields(`${'x'.repeat(1_998)}😀${'x'.repeat(9_000)}`, { most: 2_000, resource: 'r' });
    const { text } = fields['output_cut'] as { text: string };
    expect(text).toHaveLength(1_999);
    expect(text).toMatch(/x$/);
  });
});

describe('the pace of a run', () => {
  const started = (elapsedMs: number, progress: number): Run =>
    sampleRun({
      status: 'running',
      startedAt: NOW - elapsedMs,
      nodes: [{ ...sampleAgent('a', 'running'), progress }],
    });

  it('follows what is left of it, within bounds', () => {
    expect(computePollAfterMs(started(0, 0), NOW)).toBe(500);
    expect(computePollAfterMs(started(20_000, 0), NOW)).toBe(4_000);
    expect(computePollAfterMs(started(20_000, 50), NOW)).toBe(4_000);
    expect(computePollAfterMs(started(20_000, 90), NOW)).toBe(500);
    expect(computePollAfterMs(started(3_600_000, 1), NOW)).toBe(10_000);
    expect(computePollAfterMs(SAMPLE_RUNS.completed, NOW)).toBe(0);
  });

  it('lets a run sleep that waits for a moment', () => {
    const waiting = { ...sampleAgent('a', 'waiting'), waitingUntil: NOW + 30_000 };
    const run = sampleRun({ status: 'running', startedAt: NOW, nodes: [waiting] });
    expect(computePollAfterMs(run, NOW)).toBe(30_000);
    expect(computePollAfterMs({ ...run, nodes: [waiting, sampleAgent('b', 'running')] }, NOW)).toBe(500);
    const longer = { ...waiting, waitingUntil: NOW + 3_600_000 };
    expect(computePollAfterMs({ ...run, nodes: [longer] }, NOW)).toBe(60_000);
    expect(computePollAfterMs({ ...run, nodes: [{ ...longer, waitingFor: 'answer' }] }, NOW)).toBe(500);
  });

  it('is whole and never 100 per cent before the end', () => {
    expect(computePercent(started(1, 100))).toBe(99);
    expect(computePercent(started(1, 33.4))).toBe(33);
    expect(computePercent(SAMPLE_RUNS.cancelled)).toBe(100);
  });
});

describe('what to do about a run', () => {
  const waiting = (changes: Partial<Run['nodes'][number]>): Run =>
    sampleRun({ status: 'running', nodes: [{ ...sampleAgent('a', 'waiting'), ...changes }] });

  it('is to wait for it', () => {
    const action = nextAction(SAMPLE_RUNS.running, { runId: 'run_x', now: NOW });
    expect(action).toMatch(/^Call get_run_status with run_id "run_x" and wait_seconds 25/);
  });

  it('is to tell of the question that it waits for, once nothing else is at work', () => {
    const question = { message: 'Ship it?', schema: { type: 'boolean' } };
    const run = waiting({ waitingFor: 'answer', waitingUntil: null, question });
    expect(nextAction(run, { runId: 'run_x', now: NOW })).toMatch(/^A person must answer first: "Ship it\?"/);
    const busy = { ...run, nodes: [...run.nodes, sampleAgent('b', 'running')] };
    expect(nextAction(busy, { runId: 'run_x', now: NOW })).toMatch(/^Call get_run_status/);
  });

  it('is to come back after the moment that it waits for', () => {
    const run = waiting({ waitingFor: 'time', waitingUntil: Date.UTC(2030, 0, 1) });
    expect(nextAction(run, { runId: 'run_x', now: NOW })).toMatch(
      /^The run waits until 2030-01-01T00:00:00.000Z\. After/,
    );
  });
});

describe('a run in words', () => {
  it('counts its agents and names those at work', () => {
    const agents = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => sampleAgent(id, 'running'));
    const run = sampleRun({ status: 'running', nodes: [...agents, sampleAgent('g', 'completed')] });
    expect(statusMessage(run)).toBe(
      '1 of 7 agents done; a Inspector 40 %; b Inspector 40 %; c Inspector 40 %; 3 more at work',
    );
    expect(statusMessage(SAMPLE_RUNS.running)).toBe(
      '0 of 2 agents done; links Inspector 40 %; seo Inspector is tried again soon',
    );
    expect(statusMessage(SAMPLE_RUNS.failed)).toBe('failed: No company found for email x@example.org');
  });
});

describe('a run as a task', () => {
  it.each(RUNS)('has what its status calls for and nothing else: %s', (_, run) => {
    const task = toTask({ run, definition, now: NOW });
    expect(task.taskId).toBe(`run_${run.id}`);
    expect('result' in task).toBe(task.status === 'completed');
    expect(task).not.toHaveProperty('error');
    expect(Number.isInteger(task.pollIntervalMs) && task.pollIntervalMs > 0).toBe(true);
    expect(Date.parse(task.lastUpdatedAt)).toBeGreaterThanOrEqual(Date.parse(task.createdAt));
  });

  it('is completed when its run failed, and cancelled when that was', () => {
    expect(toTask({ run: SAMPLE_RUNS.failed, definition, now: NOW })).toMatchObject({
      status: 'completed',
      result: { isError: true },
    });
    expect(toTask({ run: SAMPLE_RUNS.cancelled, definition, now: NOW }).status).toBe('cancelled');
  });

  it('of a workflow that is gone still has its result', () => {
    const withoutOutput: WorkflowDefinition | null = null;
    expect(toTask({ run: SAMPLE_RUNS.completed, definition: withoutOutput, now: NOW }).result).toMatchObject({
      structuredContent: { output: { score: 87 } },
    });
  });
});
