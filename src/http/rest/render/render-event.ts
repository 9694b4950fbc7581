import type { NodeWait, RunEvent } from '../../../core/run/events.js';
import type { Json, JsonObject } from '../../../core/json.js';
import type { ModelUsage } from '../../../core/models/models.js';
import type { ApiEvent } from '../../../api/api-types.js';
import { renderUsage } from '../../../core/render/render-usage.js';
import { renderRunError } from './render.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { tellMoment } from '../../../core/time/moment.js';

export function renderEvent(event: RunEvent): ApiEvent {
  return {
    seq: event.seq,
    at: tellMoment(event.at),
    kind: event.kind,
    node_id: 'nodeId' in event ? event.nodeId : null,
    data: renderData(event),
  };
}

function renderCharge({ creditsConsumed }: Extract<RunEvent, { kind: 'run.failed' | 'run.cancelled' }>): JsonObject {
  return creditsConsumed === undefined ? {} : { credits_consumed: creditsConsumed };
}

function renderData(event: RunEvent): JsonObject {
  switch (event.kind) {
    case 'run.created':
      return { input: event.input, instruction: event.instruction };
    case 'run.started':
    case 'node.cancelled':
      return {};
    case 'run.completed':
      return { output: event.output, summary: event.summary, credits_consumed: event.creditsConsumed };
    case 'run.partially_completed':
      return renderPartialEnd(event);
    case 'run.failed':
      return { error: plain(renderRunError(event.error)), ...renderCharge(event) };
    case 'run.retried':
    case 'node.reopened':
      return { resumed: [...event.resumed], reset: [...event.reset] };
    case 'run.cancelled':
      return { reason: event.reason, ...renderCharge(event) };
    case 'node.skipped':
      return { reason: event.reason, ...renderKind(event) };
    case 'node.started':
      return { attempt: event.attempt, ...renderKind(event) };
    case 'node.progress':
      return { percent: event.percent, message: event.message };
    case 'node.findings':
      return { findings: event.findings };
    case 'node.completed':
      return {
        attempt: event.attempt,
        output: event.output,
        ...(event.fallbackFor === undefined ? {} : { fallback_for: plain(event.fallbackFor) }),
      };
    case 'node.failed':
      return { attempt: event.attempt, error: plain(event.error), ...renderKind(event) };
    case 'node.retrying':
      return { attempt: event.attempt, error: plain(event.error), until: tellMoment(event.until) };
    case 'node.waiting':
      return { attempt: event.attempt, ...renderWait(event.wait) };
    case 'node.answered':
      return { attempt: event.attempt, answer: event.answer, by: event.by };
    case 'node.items':
      return { total: event.total, done: event.done, failed: event.failed };
    case 'node.round':
      return { round: event.round, output: event.output, done: event.isDone };
    case 'node.text':
      return { step: event.step, offset: event.offset, text: event.text };
    case 'node.usage':
      return { step: event.step, usage: renderModelUsage(event.usage) };
    case 'step.completed':
      return {
        key: event.key,
        outcome: plain(event.outcome),
        ...(event.usage === undefined ? {} : { usage: renderModelUsage(event.usage) }),
      };
  }
}

function renderPartialEnd(event: Extract<RunEvent, { kind: 'run.partially_completed' }>): JsonObject {
  return {
    ...(event.output === undefined ? {} : { output: event.output }),
    output_error: event.outputError,
    summary: event.summary,
    credits_consumed: event.creditsConsumed,
  };
}

function renderKind({ nodeKind }: { readonly nodeKind?: string }): JsonObject {
  return nodeKind === undefined ? {} : { node_kind: nodeKind };
}

function renderModelUsage(usage: ModelUsage): JsonObject {
  return { model: usage.model, ...renderUsage(usage) };
}

function renderWait(wait: NodeWait): JsonObject {
  const until = wait.until === null ? null : tellMoment(wait.until);
  switch (wait.for) {
    case 'time':
    case 'nodes':
      return { for: wait.for, until };
    case 'answer':
      return { for: wait.for, until, question: plain(wait.question) };
    case 'event':
      return { for: wait.for, until, event: { name: wait.event.name, key: wait.event.key } };
    case 'run':
      return { for: wait.for, until, run_id: renderRunId(wait.runId) };
  }
}

/** Interfaces have no index signature, so the compiler cannot see that they are JSON. */
function plain(value: object): Json {
  return value as Json;
}
