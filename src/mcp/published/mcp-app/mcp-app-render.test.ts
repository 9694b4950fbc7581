import { describe, expect, it } from 'vitest';
import { outputFaults } from '../../../../test/support/contracts/contract-schemas.js';
import {
  CREATED_AT,
  SAMPLE_RUNS,
  sampleAgent,
  sampleRun,
  sampleWorkflow,
} from '../../../../test/support/runs/sample-records.js';
import { renderRunListItem, renderRunStatus, renderStartedRun, renderWorkflow } from './mcp-app-render.js';
import { listItemOf } from '../../../core/run/output-json.js';
import { renderCreditsOfContract } from '../../../core/render/render-credits.js';
import { parseRunId, renderRunId } from '../../../core/render/run-id.js';

type AgentView = { readonly [field: string]: unknown };

describe('renderRunStatus', () => {
  it.each(Object.keys(SAMPLE_RUNS))('shows a run that is %s with every field', (name) => {
    const run = SAMPLE_RUNS[name as keyof typeof SAMPLE_RUNS];
    const shown = renderRunStatus(run);
    expect(outputFaults('mcp-app', 'get_run_status', shown)).toEqual([]);
    expect(shown['status']).toBe(run.status);
  });

  it('numbers the agents, and only the agents, in the workflow’s order', () => {
    const shown = renderRunStatus(SAMPLE_RUNS.running);
    expect(shown['agentCount']).toBe(2);
    const agents = shown['agents'] as unknown as AgentView[];
    expect(agents.map((agent) => [agent['id'], agent['role']])).toEqual([
      ['agent_001', 'links-inspector'],
      ['agent_002', 'seo-inspector'],
    ]);
  });

  it('shows an agent that waits as running and without an error', () => {
    const shown = renderRunStatus(sampleRun({ nodes: [sampleAgent('links', 'waiting')] }));
    expect(shown['agents']).toMatchObject([{ status: 'running', errorMessage: null }]);
  });

  it('has a summary exactly when the run completed, wholly or in part', () => {
    const summaries = Object.values(SAMPLE_RUNS).map((run) => renderRunStatus(run)['summary'] !== null);
    const completed = Object.values(SAMPLE_RUNS).map(({ status }) => /complete/.test(status));
    expect(summaries).toEqual(completed);
    expect(renderRunStatus({ ...SAMPLE_RUNS.completed, summary: null })['summary']).toBe('Site Checkup completed.');
  });

  it('has an error message exactly when the run failed', () => {
    for (const run of Object.values(SAMPLE_RUNS)) {
      expect(renderRunStatus(run)['errorMessage'] !== null).toBe(run.status === 'failed');
    }
  });
});

describe('the other views', () => {
  it('fit the contract', () => {
    const workflow = sampleWorkflow();
    expect(outputFaults('mcp-app', 'list_workflows', { workflows: [renderWorkflow(workflow)] })).toEqual([]);
    expect(outputFaults('mcp-app', 'run_workflow', renderStartedRun(sampleRun(), workflow))).toEqual([]);
    const runs = Object.values(SAMPLE_RUNS).map((run) => renderRunListItem(listItemOf(run)));
    expect(outputFaults('mcp-app', 'list_workflow_runs', { runs, total: runs.length, limit: 20, offset: 0 })).toEqual(
      [],
    );
    const used = { available: 975, reserved: 25, usedThisMonth: 0, monthlyLimit: 1000, resetAt: CREATED_AT };
    const balance = { ...used, toppedUp: 0, drawn: 0 };
    expect(outputFaults('mcp-app', 'get_credits', renderCreditsOfContract(balance))).toEqual([]);
  });

  it('show a workflow without a usual duration or a price', () => {
    const { estimated_duration: _duration, credits: _credits, ...definition } = sampleWorkflow().version.definition;
    const record = sampleWorkflow();
    const shown = renderWorkflow({ ...record, version: { ...record.version, definition } });
    expect(shown).toMatchObject({ creditCost: 0, estimatedDuration: null });
    expect(outputFaults('mcp-app', 'list_workflows', { workflows: [shown] })).toEqual([]);
  });
});

describe('run ids', () => {
  it('carry a prefix and are taken in no other form', () => {
    const { id } = sampleRun();
    expect(parseRunId(renderRunId(id))).toBe(id);
    for (const text of ['', id, 'run_', `agent_run_${id}`, `run_${id}0`, `run_${id.toUpperCase()}`]) {
      expect(parseRunId(text)).toBeNull();
    }
  });
});
