import { describe, expect, it } from 'vitest';
import { outputFaults } from '../../../../test/support/contracts/contract-schemas.js';
import { CREATED_AT, SAMPLE_RUNS, sampleRun, sampleWorkflow } from '../../../../test/support/runs/sample-records.js';
import {
  parseRunId,
  parseWorkflowId,
  renderRunId,
  renderRunStatus,
  renderTime,
  renderWorkflow,
  renderWorkflowSummary,
} from './workflows-render.js';

const FIELDS = ['run_id', 'status', 'created_at'];

const EXPECTED = {
  pending: { status: 'pending', fields: [] },
  running: { status: 'running', fields: [] },
  completed: { status: 'completed', fields: ['output', 'completed_at', 'duration_seconds'] },
  partlyWithOutput: { status: 'completed', fields: ['output', 'completed_at', 'duration_seconds'] },
  partlyWithoutOutput: { status: 'failed', fields: ['error', 'completed_at'] },
  failed: { status: 'failed', fields: ['error', 'completed_at'] },
  cancelled: { status: 'cancelled', fields: ['completed_at'] },
  cancelledBeforeStart: { status: 'cancelled', fields: ['completed_at'] },
} satisfies Record<keyof typeof SAMPLE_RUNS, { status: string; fields: string[] }>;

describe('renderRunStatus', () => {
  it.each(Object.entries(EXPECTED))(
    'shows a run that is %s with exactly the fields of its status',
    (name, expected) => {
      const shown = renderRunStatus(SAMPLE_RUNS[name as keyof typeof SAMPLE_RUNS]);
      expect(outputFaults('workflows', 'get_run_status', shown)).toEqual([]);
      expect(shown['status']).toBe(expected.status);
      expect(Object.keys(shown).toSorted()).toEqual([...FIELDS, ...expected.fields].toSorted());
    },
  );

  it('gives the failing node’s own words as the error', () => {
    expect(renderRunStatus(SAMPLE_RUNS.failed)['error']).toBe('No company found for email x@example.org');
    expect(renderRunStatus(SAMPLE_RUNS.partlyWithoutOutput)['error']).toContain('/score is missing');
  });

  it('never gives an empty error', () => {
    const run = sampleRun({ ...SAMPLE_RUNS.failed, error: { kind: 'error', message: '', nodeId: null } });
    expect(outputFaults('workflows', 'get_run_status', renderRunStatus(run))).toEqual([]);
  });

  it('gives the duration in whole tenths of a second', () => {
    const ran = (ms: number) =>
      renderRunStatus({ ...SAMPLE_RUNS.completed, startedAt: CREATED_AT, completedAt: CREATED_AT + ms })[
        'duration_seconds'
      ];
    expect([ran(0), ran(49), ran(50), ran(300), ran(1_234), ran(125_960)]).toEqual([0, 0, 0.1, 0.3, 1.2, 126]);
    for (let ms = 0; ms < 3_000; ms += 7) {
      expect(
        outputFaults(
          'workflows',
          'get_run_status',
          renderRunStatus({ ...SAMPLE_RUNS.completed, startedAt: CREATED_AT, completedAt: CREATED_AT + ms }),
        ),
      ).toEqual([]);
    }
  });

  it('keeps an output that is null', () => {
    expect(renderRunStatus({ ...SAMPLE_RUNS.completed, output: null })).toMatchObject({ output: null });
  });
});

describe('renderWorkflow', () => {
  it('fits the contract with and without schemas', () => {
    expect(outputFaults('workflows', 'get_workflow', renderWorkflow(sampleWorkflow()))).toEqual([]);
    const { input: _input, output: _output, ...bare } = sampleWorkflow().version.definition;
    const record = { ...sampleWorkflow(), version: { ...sampleWorkflow().version, definition: bare } };
    const shown = renderWorkflow(record);
    expect(outputFaults('workflows', 'get_workflow', shown)).toEqual([]);
    expect(shown).toMatchObject({ id: 'agent_site_checkup', input_schema: { type: 'object' }, output_schema: null });
  });

  it('fits the contract in a list', () => {
    const workflows = [renderWorkflowSummary(sampleWorkflow())];
    expect(
      outputFaults('workflows', 'list_workflows', { workflows, total: 1, offset: 0, limit: 50, has_more: false }),
    ).toEqual([]);
  });
});

describe('ids and times', () => {
  it('turn a run id into contract A’s form and back', () => {
    const { id } = sampleRun();
    expect(renderRunId(id)).toBe('agent_run_0193512f4d2b7c3a9f000123456789ab');
    expect(parseRunId(renderRunId(id))).toBe(id);
  });

  it('take no other form of run id', () => {
    const { id } = sampleRun();
    for (const text of ['', id, `run_${id}`, `agent_run_${id}`, `${renderRunId(id)}0`, renderRunId(id).toUpperCase()]) {
      expect(parseRunId(text)).toBeNull();
    }
  });

  it('take a workflow’s bare slug too, even one that looks prefixed', () => {
    expect(parseWorkflowId('agent_site_checkup')).toEqual(['site_checkup', 'agent_site_checkup']);
    expect(parseWorkflowId('site_checkup')).toEqual(['site_checkup']);
  });

  it('cut times to whole seconds', () => {
    expect(renderTime(CREATED_AT + 876)).toBe('2026-11-21T20:16:05Z');
  });
});
