import type { RunEvent } from './events.js';
import type { NodeExecution } from './node-execution.js';
import type { Run } from './run.js';

/**
 * The fold that makes a run's record from its log. Pure: the same log always gives the same record.
 * It trusts its caller for order; `seq` must be the one after the record's `version`.
 */
export function applyEvent(run: Run, event: RunEvent): Run {
  const next = { ...run, version: event.seq };
  switch (event.kind) {
    case 'run.created':
    case 'step.completed':
      return next;
    case 'run.started':
      return { ...next, status: 'running', startedAt: event.at };
    case 'run.completed':
      return {
        ...next,
        status: 'completed',
        output: event.output,
        summary: event.summary,
        creditsConsumed: event.creditsConsumed,
        completedAt: event.at,
      };
    case 'run.partially_completed':
      return {
        ...next,
        status: 'partial_complete',
        ...(event.output === undefined ? {} : { output: event.output }),
        outputError: event.outputError,
        summary: event.summary,
        creditsConsumed: event.creditsConsumed,
        completedAt: event.at,
      };
    case 'run.failed':
      return { ...next, status: 'failed', error: event.error, completedAt: event.at };
    case 'run.cancelled':
      return { ...next, status: 'cancelled', completedAt: event.at };
    default:
      return { ...next, nodes: run.nodes.map((node) => (node.id === event.nodeId ? applyToNode(node, event) : node)) };
  }
}

type NodeEvent = Exclude<Extract<RunEvent, { nodeId: string }>, { kind: 'step.completed' }>;

function applyToNode(node: NodeExecution, event: NodeEvent): NodeExecution {
  switch (event.kind) {
    case 'node.started':
      return {
        ...node,
        status: 'running',
        attempt: event.attempt,
        waitingUntil: null,
        startedAt: node.startedAt ?? event.at,
      };
    case 'node.progress':
      return { ...node, progress: Math.max(node.progress, event.percent), message: event.message ?? node.message };
    case 'node.findings':
      return { ...node, findings: event.findings };
    case 'node.completed':
      return { ...node, status: 'completed', progress: 100, error: null, completedAt: event.at };
    case 'node.failed':
      return { ...node, status: 'failed', error: event.error, waitingUntil: null, completedAt: event.at };
    case 'node.retrying':
      return { ...node, status: 'waiting', error: event.error, waitingUntil: event.until };
    case 'node.skipped':
      return { ...node, status: 'skipped', completedAt: event.at };
    case 'node.cancelled':
      return { ...node, status: 'cancelled', waitingUntil: null, completedAt: event.at };
  }
}
