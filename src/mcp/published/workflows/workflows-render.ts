import { shorten } from '../../../core/text/cut-text.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import type { JsonObject } from '../../../core/json.js';
import { tellMoment } from '../../../core/time/moment.js';
import type { Run } from '../../../core/run/run.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';

/** Records as contract A shows them. Absent values are left out; which fields are there depends on the status alone. */

const RUN_ID = /^agent_run_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
const PREFIX = 'agent_';

export function renderRunId(id: string): string {
  return `agent_run_${id.replaceAll('-', '')}`;
}

/** The UUID; null when this is no id of contract A's form. */
export function parseRunId(text: string): string | null {
  const parts = RUN_ID.exec(text);
  return parts === null ? null : parts.slice(1).join('-');
}

export function renderWorkflowId(slug: string): string {
  return PREFIX + slug;
}

/** What the text may name, likelier first: a slug may itself begin with the prefix. */
export function parseWorkflowId(text: string): readonly [string, ...string[]] {
  return text.startsWith(PREFIX) ? [text.slice(PREFIX.length), text] : [text];
}

/** Whole seconds: `2026-11-21T20:16:05Z`. */
export function renderTime(at: number): string {
  return `${tellMoment(at).slice(0, 19)}Z`;
}

/** `words`: characters of its description at most; all of them when not given. */
export function renderWorkflowSummary(workflow: WorkflowRecord, words = Number.POSITIVE_INFINITY): JsonObject {
  const { definition } = workflow.version;
  return {
    id: renderWorkflowId(workflow.version.workflowId),
    name: definition.name,
    description: shorten(definition.description, words),
    created_at: renderTime(workflow.createdAt),
    updated_at: renderTime(workflow.updatedAt),
  };
}

export function renderWorkflow(workflow: WorkflowRecord): JsonObject {
  const { definition } = workflow.version;
  return {
    ...renderWorkflowSummary(workflow),
    input_schema: inputSchemaOf(workflow),
    output_schema: definition.output ?? null,
  };
}

export type Status = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A run that completed in part counts as completed when it has an output that fits, else as failed. */
export function renderStatus(run: Pick<Run, 'status' | 'outputError'>): Status {
  if (run.status !== 'partial_complete') return run.status;
  return run.outputError === null ? 'completed' : 'failed';
}

export function renderRunStatus(run: Run): JsonObject {
  const status = renderStatus(run);
  const run_id = renderRunId(run.id);
  const created_at = renderTime(run.createdAt);
  const completedAt = run.completedAt ?? run.createdAt;
  switch (status) {
    case 'pending':
    case 'running':
      return { run_id, status, created_at };
    case 'completed':
      return {
        run_id,
        status,
        output: run.output ?? null,
        created_at,
        completed_at: renderTime(completedAt),
        duration_seconds: secondsBetween(run.startedAt ?? run.createdAt, completedAt),
      };
    case 'failed':
      return { run_id, status, error: failureText(run), created_at, completed_at: renderTime(completedAt) };
    case 'cancelled':
      return { run_id, status, created_at, completed_at: renderTime(completedAt) };
  }
}

/** One decimal. */
function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 100) / 10);
}

function failureText(run: Run): string {
  const text = run.error?.message ?? run.outputError ?? '';
  return text === '' ? 'The run failed without saying why.' : text;
}
