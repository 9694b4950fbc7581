import { creditCeiling } from '../../../core/workflow/price.js';
import { shorten } from '../../../core/text/cut-text.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import type { JsonObject } from '../../../core/json.js';
import type { NodeExecution } from '../../../core/run/node-execution.js';
import { listAgents, type Run, type RunFields, type RunListItem } from '../../../core/run/run.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { tellMoment, tellMomentOrNull } from '../../../core/time/moment.js';

/** Records as contract B shows them. Every field is always there; absent values are null. */

/** `words`: characters of its description at most; all of them when not given. */
export function renderWorkflow(workflow: WorkflowRecord, words = Number.POSITIVE_INFINITY): JsonObject {
  const { definition } = workflow.version;
  const agents = definition.nodes.flatMap(({ id, role, label }) =>
    role === undefined ? [] : [{ role, label: label ?? id }],
  );
  return {
    id: workflow.version.workflowId,
    name: definition.name,
    description: shorten(definition.description, words),
    creditCost: creditCeiling(definition),
    estimatedDuration: definition.estimated_duration ?? null,
    agentCount: agents.length,
    agents,
  };
}

export function renderStartedRun(run: Run, workflow: WorkflowRecord): JsonObject {
  return {
    runId: renderRunId(run.id),
    workflowId: run.workflowId,
    workflowName: run.workflowName,
    status: run.status,
    creditsReserved: run.creditsReserved,
    estimatedDuration: workflow.version.definition.estimated_duration ?? null,
    _hint:
      'The run works in the background. Call get_run_status with this runId every 5 to 10 seconds until its status is ' +
      'completed, partial_complete, failed or cancelled. Do not start it again.',
  };
}

export function renderRunStatus(run: Run): JsonObject {
  const agents = listAgents(run);
  return { ...renderRunFields(run, agents.length), summary: renderSummary(run), agents: agents.map(renderAgent) };
}

export function renderRunListItem(run: RunListItem): JsonObject {
  return renderRunFields(run, run.agentCount);
}

function renderRunFields(run: RunFields, agentCount: number): JsonObject {
  return {
    runId: renderRunId(run.id),
    workflowId: run.workflowId,
    status: run.status,
    agentCount,
    creditsReserved: run.creditsReserved,
    creditsConsumed: run.creditsConsumed,
    errorMessage: run.status === 'failed' ? (run.error?.message ?? 'The run failed without saying why.') : null,
    startedAt: tellMomentOrNull(run.startedAt),
    completedAt: tellMomentOrNull(run.completedAt),
    createdAt: tellMoment(run.createdAt),
  };
}

/** A run that completed always has one, even when its agents found nothing to say. */
function renderSummary(run: Run): string | null {
  if (run.status === 'completed') return run.summary ?? `${run.workflowName} completed.`;
  if (run.status === 'partial_complete') return run.summary ?? `${run.workflowName} completed in part.`;
  return null;
}

/** `index` counts the agents in the workflow's order. */
function renderAgent(node: NodeExecution, index: number): JsonObject {
  return {
    id: `agent_${String(index + 1).padStart(3, '0')}`,
    role: node.role,
    label: node.label ?? node.id,
    status: node.status === 'waiting' ? 'running' : node.status,
    progress: node.progress,
    findings: node.findings,
    // The error of an attempt that is being made again is not the agent's: it has not failed.
    errorMessage: node.status === 'failed' ? (node.error?.message ?? 'The agent failed without saying why.') : null,
    startedAt: tellMomentOrNull(node.startedAt),
    completedAt: tellMomentOrNull(node.completedAt),
  };
}
