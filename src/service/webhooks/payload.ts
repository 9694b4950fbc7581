import type { JsonObject } from '../../core/json.js';
import { renderRunId } from '../../core/render/run-id.js';
import { isInnerPath } from '../../core/run/paths/node-path.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import { tellMoment, tellMomentOrNull } from '../../core/time/moment.js';
import type { WebhookEvent } from '../../core/webhooks/webhook.js';
import { estimateEventLength } from '../../runner/log/split-commit.js';

/** Characters of JSON, about. Longer outputs are left out of a message. */
const MAX_SENT_OUTPUT = 200_000;

/** The kind of message that tells of an event; null when none does. */
export function webhookEventOf(event: RunEvent): WebhookEvent | null {
  switch (event.kind) {
    case 'run.completed':
    case 'run.partially_completed':
    case 'run.failed':
    case 'run.cancelled':
      return event.kind;
    case 'node.completed':
      return isInnerPath(event.nodeId) ? null : event.kind;
    case 'node.waiting':
      return event.wait.for === 'answer' ? 'run.waiting' : null;
    default:
      return null;
  }
}

/** The JSON that is sent. `run` is the record with the event. */
export function renderPayload(type: WebhookEvent, run: Run, event: RunEvent): string {
  const data: JsonObject = {
    run_id: renderRunId(run.id),
    workflow_id: run.workflowId,
    workflow_name: run.workflowName,
    workflow_version: run.workflowVersion,
    status: run.status,
    version: event.seq,
    parent_run_id: run.parent === undefined ? null : renderRunId(run.parent.runId),
    ...(type.startsWith('run.') && type !== 'run.waiting' ? describeEnd(run, event) : describeNode(event)),
  };
  return JSON.stringify({ type, timestamp: tellMoment(event.at), data });
}

function describeEnd(run: Run, event: RunEvent): JsonObject {
  const { error, startedAt, completedAt } = run;
  return {
    ...outputOf(event),
    output_error: run.outputError,
    summary: run.summary,
    error: error === null ? null : { node_id: error.nodeId, kind: error.kind, message: error.message },
    credits_consumed: run.creditsConsumed,
    created_at: tellMoment(run.createdAt),
    started_at: tellMomentOrNull(startedAt),
    completed_at: tellMomentOrNull(completedAt),
    duration_seconds: startedAt === null || completedAt === null ? null : (completedAt - startedAt) / 1_000,
  };
}

function describeNode(event: RunEvent): JsonObject {
  if (event.kind === 'node.completed') return { node_id: event.nodeId, attempt: event.attempt, ...outputOf(event) };
  if (event.kind !== 'node.waiting' || event.wait.for !== 'answer') return {};
  const { question, until } = event.wait;
  return { node_id: event.nodeId, question: { ...question }, waiting_until: tellMomentOrNull(until) };
}

function outputOf(event: RunEvent): JsonObject {
  if (!('output' in event) || event.output === undefined) return {};
  return estimateEventLength(event) > MAX_SENT_OUTPUT ? { output_left_out: true } : { output: event.output };
}
