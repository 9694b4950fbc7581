import type { CreditBalance, CreditMovement } from '../../../core/run/credits.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import type { WaitReasons } from '../../../core/ports/engine.js';
import { isUuid } from '../../../core/text/uuid.js';
import { tellMoment } from '../../../core/text/moment.js';
import type { NodeExecution } from '../../../core/run/node-execution.js';
import { listAgents, isTerminal, sumUsage, type Run, type RunError, type RunListItem } from '../../../core/run/run.js';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import type { Organization } from '../../../core/tenant/organization.js';
import { renderUsage } from '../../../mcp/native/views/render-usage.js';
import { renderRetention } from './retention.js';
import type {
  ApiCreditMovement,
  ApiCredits,
  ApiKeyView,
  ApiNode,
  ApiOrganization,
  ApiRun,
  ApiRunError,
  ApiRunListItem,
  ApiWorkflow,
} from '../../../api/api-types.js';

const PREFIX = 'run_';

export function renderRunId(id: string): string {
  return PREFIX + id;
}

/** The UUID, from `run_` + UUID or the bare UUID; null when it is neither. */
export function parseRunId(text: string): string | null {
  const id = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  return isUuid(id) ? id : null;
}

export function renderTime(at: number): string {
  return tellMoment(at);
}

function renderTimeOrNull(at: number | null): string | null {
  return at === null ? null : renderTime(at);
}

/** `notReady`: what is to be set before it can be started. */
export function renderWorkflow(
  { version, createdAt, updatedAt }: WorkflowRecord,
  notReady: string | null,
): ApiWorkflow {
  const { definition } = version;
  return {
    id: version.workflowId,
    name: definition.name,
    description: definition.description,
    version: version.version,
    credits: definition.credits ?? 0,
    estimated_duration: definition.estimated_duration ?? null,
    agents: definition.nodes.flatMap(({ id, role, label }) =>
      role === undefined ? [] : [{ role, label: label ?? id }],
    ),
    input_schema: definition.input ?? { type: 'object' },
    output_schema: definition.output ?? null,
    ready: notReady === null,
    not_ready_because: notReady,
    created_at: renderTime(createdAt),
    updated_at: renderTime(updatedAt),
  };
}

export function renderRun(run: Run, waits: WaitReasons): ApiRun {
  const usage = sumUsage(run);
  return {
    ...renderRunListItem({ ...run, agentCount: listAgents(run).length }),
    waiting_for: waits.run,
    nodes: run.nodes.map((node) => renderNode(node, waits.nodes.get(node.id) ?? null)),
    usage: usage === null ? null : renderUsage(usage),
    ...(run.output === undefined ? {} : { output: run.output }),
  };
}

export function renderRunListItem(run: RunListItem): ApiRunListItem {
  return {
    run_id: renderRunId(run.id),
    workflow_id: run.workflowId,
    workflow_name: run.workflowName,
    workflow_version: run.workflowVersion,
    status: run.status,
    terminal: isTerminal(run.status),
    version: run.version,
    agent_count: run.agentCount,
    credits_reserved: run.creditsReserved,
    credits_consumed: run.creditsConsumed,
    summary: run.summary,
    error: run.error === null ? null : renderRunError(run.error),
    output_error: run.outputError,
    created_at: renderTime(run.createdAt),
    started_at: renderTimeOrNull(run.startedAt),
    completed_at: renderTimeOrNull(run.completedAt),
    rerun_of:
      run.rerunOf === undefined ? null : { run_id: renderRunId(run.rerunOf.runId), from_node: run.rerunOf.fromNode },
    retries: run.retries?.count ?? 0,
    priority: run.priority ?? 0,
    parent: run.parent === undefined ? null : { run_id: renderRunId(run.parent.runId), node_id: run.parent.nodeId },
  };
}

export function renderRunError({ kind, message, nodeId }: RunError): ApiRunError {
  return { kind, message, node_id: nodeId };
}

function renderNode(node: NodeExecution, heldUpBy: string | null): ApiNode {
  return {
    id: node.id,
    kind: node.kind,
    role: node.role,
    label: node.label,
    status: node.status,
    attempt: node.attempt,
    progress: node.progress,
    message: node.message,
    findings: node.findings,
    error: node.error,
    used_fallback: node.usedFallback === true,
    waiting_for: node.waitingFor ?? null,
    held_up_by: heldUpBy,
    waiting_until: renderTimeOrNull(node.waitingUntil),
    question: node.question ?? null,
    child_run_id: node.childRunId === undefined ? null : renderRunId(node.childRunId),
    items: node.items ?? null,
    usage: node.usage === undefined ? null : renderUsage(node.usage),
    started_at: renderTimeOrNull(node.startedAt),
    completed_at: renderTimeOrNull(node.completedAt),
  };
}

export function renderCredits(balance: CreditBalance): ApiCredits {
  return {
    available: balance.available,
    reserved: balance.reserved,
    used_this_month: balance.usedThisMonth,
    monthly_limit: balance.monthlyLimit,
    reset_date: renderTime(balance.resetAt),
  };
}

export function renderMovement(movement: CreditMovement): ApiCreditMovement {
  return {
    id: movement.id,
    run_id: renderRunId(movement.runId),
    kind: movement.kind,
    reserved_delta: movement.reservedDelta,
    used_delta: movement.usedDelta,
    at: renderTime(movement.at),
  };
}

export function renderOrganization({ id, slug, name, createdAt, settings }: Organization): ApiOrganization {
  return {
    id,
    slug,
    name,
    created_at: renderTime(createdAt),
    limits: settings?.limits ?? {},
    retention: renderRetention(settings?.retention ?? {}),
  };
}

export function renderKey(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    created_at: renderTime(key.createdAt),
    expires_at: renderTimeOrNull(key.expiresAt),
    revoked_at: renderTimeOrNull(key.revokedAt),
    last_used_at: renderTimeOrNull(key.lastUsedAt),
  };
}
