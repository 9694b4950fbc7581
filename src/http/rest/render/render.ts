import { renderPrice } from '../../../core/render/render-price.js';
import { creditCeiling } from '../../../core/workflow/price.js';
import type { CreditMovement } from '../../../core/run/credits.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import type { WaitReasons } from '../../../core/ports/engine.js';
import type { NodeExecution } from '../../../core/run/node-execution.js';
import { listItemOf } from '../../../core/run/output-json.js';
import { isTerminal, type Run, type RunError, type RunListItem } from '../../../core/run/run.js';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import type { Grant } from '../../../core/tenant/grant.js';
import type { Organization } from '../../../core/tenant/organization.js';
import { renderUsage } from '../../../core/render/render-usage.js';
import { abridgeNode } from '../../../api/client/brief-nodes.js';
import type { NodesShown } from '../../../api/endpoints/runs.js';
import { renderRetention } from './retention.js';
import type {
  ApiGrant,
  ApiKeyView,
  ApiNode,
  ApiOrganization,
  ApiRun,
  ApiRunError,
  ApiRunListItem,
  ApiWorkflow,
} from '../../../api/api-types.js';
import type { ApiCreditMovement } from '../../../api/credit-types.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { tellMoment, tellMomentOrNull } from '../../../core/time/moment.js';

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
    credits: creditCeiling(definition),
    price: renderPrice(definition),
    estimated_duration: definition.estimated_duration ?? null,
    agents: definition.nodes.flatMap(({ id, role, label }) =>
      role === undefined ? [] : [{ role, label: label ?? id }],
    ),
    input_schema: definition.input ?? { type: 'object' },
    output_schema: definition.output ?? null,
    ready: notReady === null,
    not_ready_because: notReady,
    created_at: tellMoment(createdAt),
    updated_at: tellMoment(updatedAt),
  };
}

/** All but its output; with `none`, without its nodes, with `brief`, without what their fields do not say. */
export function renderRun(run: Run, waits: WaitReasons, nodes: NodesShown = 'all'): ApiRun {
  const item = listItemOf(run);
  const show = (node: NodeExecution): ApiNode => renderNode(node, waits.nodes.get(node.id) ?? null);
  return {
    ...renderRunListItem(item),
    waiting_for: waits.run,
    nodes: nodes === 'none' ? [] : run.nodes.map(nodes === 'all' ? show : (node) => abridgeNode(show(node)) as ApiNode),
    usage: item.usage === null ? null : renderUsage(item.usage),
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
    created_at: tellMoment(run.createdAt),
    started_at: tellMomentOrNull(run.startedAt),
    completed_at: tellMomentOrNull(run.completedAt),
    rerun_of:
      run.rerunOf === undefined ? null : { run_id: renderRunId(run.rerunOf.runId), from_node: run.rerunOf.fromNode },
    retries: run.retries?.count ?? 0,
    priority: run.priority ?? 0,
    parent: run.parent === undefined ? null : { run_id: renderRunId(run.parent.runId), node_id: run.parent.nodeId },
    tags: run.tags ?? [],
    metadata: run.metadata ?? {},
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
    waiting_until: tellMomentOrNull(node.waitingUntil),
    question: node.question ?? null,
    event: node.event === undefined ? null : { name: node.event.name, key: node.event.key },
    child_run_id: node.childRunId === undefined ? null : renderRunId(node.childRunId),
    items: node.items ?? null,
    rounds: node.rounds ?? null,
    inner: (node.inner ?? []).map((inner) => renderNode(inner, null)),
    usage: node.usage === undefined ? null : renderUsage(node.usage),
    started_at: tellMomentOrNull(node.startedAt),
    completed_at: tellMomentOrNull(node.completedAt),
  };
}

export function renderMovement(movement: CreditMovement): ApiCreditMovement {
  return {
    id: movement.id,
    run_id: movement.runId === null ? null : renderRunId(movement.runId),
    kind: movement.kind,
    reserved_delta: movement.reservedDelta,
    used_delta: movement.usedDelta,
    topped_up_delta: movement.toppedUpDelta,
    reason: movement.reason ?? null,
    idempotency_key: movement.idempotencyKey ?? null,
    at: tellMoment(movement.at),
  };
}

export function renderOrganization({ id, slug, name, createdAt, settings }: Organization): ApiOrganization {
  return {
    id,
    slug,
    name,
    created_at: tellMoment(createdAt),
    limits: settings?.limits ?? {},
    retention: renderRetention(settings?.retention ?? {}),
    billing_day: settings?.billingDay ?? null,
  };
}

export function renderGrant(grant: Grant): ApiGrant {
  return {
    id: grant.id,
    client: { name: grant.clientName, id: grant.clientId, host: grant.clientHost },
    signed_in_with: grant.subject,
    scopes: grant.scopes,
    resources: grant.resources,
    created_at: tellMoment(grant.createdAt),
    expires_at: tellMoment(grant.expiresAt),
    last_used_at: tellMomentOrNull(grant.lastUsedAt),
  };
}

export function renderKey(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    created_at: tellMoment(key.createdAt),
    expires_at: tellMomentOrNull(key.expiresAt),
    revoked_at: tellMomentOrNull(key.revokedAt),
    last_used_at: tellMomentOrNull(key.lastUsedAt),
  };
}
