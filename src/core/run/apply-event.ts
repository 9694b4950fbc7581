import type { NodeWait, RunEvent } from './events.js';
import { addUsage, NO_USAGE } from '../models/models.js';
import { type NodeExecution, pendingNode } from './node-execution.js';
import { LONG_PAUSE_MS, type Run } from './run.js';

/**
 * The fold that makes a run's record from its log. Pure: the same log always gives the same record.
 * It trusts its caller for order; `seq` must be the one after the record's `version`.
 */
export function applyEvent(run: Run, event: RunEvent): Run {
  const version = event.seq;
  switch (event.kind) {
    case 'run.created':
    case 'node.text':
      return { ...run, version };
    case 'step.completed':
    case 'node.usage':
      return { ...run, version, nodes: applyUsage(run, event) };
    case 'run.started':
      return { ...run, version, status: 'running', startedAt: event.at };
    case 'run.completed':
      return {
        output: event.output,
        ...withoutOutput(run),
        version,
        status: 'completed',
        summary: event.summary,
        creditsConsumed: event.creditsConsumed,
        completedAt: event.at,
      };
    case 'run.partially_completed':
      return {
        ...run,
        version,
        status: 'partial_complete',
        ...(event.output === undefined ? {} : { output: event.output }),
        outputError: event.outputError,
        summary: event.summary,
        creditsConsumed: event.creditsConsumed,
        completedAt: event.at,
      };
    case 'run.failed':
      return { ...run, ...consumed(event), version, status: 'failed', error: event.error, completedAt: event.at };
    case 'run.cancelled':
      return { ...run, ...consumed(event), version, status: 'cancelled', completedAt: event.at };
    case 'run.retried':
      return applyRetry({ ...run, version }, event);
    default:
      return applyNodeEvent(run, event);
  }
}

function applyNodeEvent(run: Run, event: NodeEvent): Run {
  const version = event.seq;
  let hasPaused = false;
  const nodes = changeNode(run, event.nodeId, (node) => {
    hasPaused = node.status === 'waiting' && event.at - (node.startedAt ?? event.at) >= LONG_PAUSE_MS;
    return applyToNode(node, event);
  });
  // Who waits again, or was cancelled, has not gone on.
  const goesOn = hasPaused && GOES_ON.has(event.kind) && !run.nodes.some(({ status }) => status === 'running');
  return goesOn ? { ...run, version, nodes, resumedAt: event.at } : { ...run, version, nodes };
}

const GOES_ON: ReadonlySet<NodeEvent['kind']> = new Set([
  'node.started',
  'node.answered',
  'node.completed',
  'node.failed',
]);

function changeNode({ nodes }: Run, nodeId: string, change: (node: NodeExecution) => NodeExecution): Run['nodes'] {
  const index = nodes.findIndex(({ id }) => id === nodeId);
  const node = nodes[index];
  return node === undefined ? nodes : nodes.with(index, change(node));
}

function consumed({ creditsConsumed }: Extract<RunEvent, { kind: 'run.failed' | 'run.cancelled' }>): Partial<Run> {
  return creditsConsumed === undefined ? {} : { creditsConsumed };
}

function applyRetry(run: Run, event: Extract<RunEvent, { kind: 'run.retried' }>): Run {
  const { idempotencyKey } = event;
  const resumed = new Set(event.resumed);
  const reset = new Set(event.reset);
  return {
    ...withoutOutput(run),
    status: 'pending',
    resumedAt: event.at,
    retries: {
      count: (run.retries?.count ?? 0) + 1,
      creditsConsumed: run.creditsConsumed,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    },
    summary: null,
    error: null,
    outputError: null,
    startedAt: null,
    completedAt: null,
    nodes: run.nodes.map((node) => {
      if (reset.has(node.id)) return asPending(node);
      return resumed.has(node.id) ? asResumed(node) : node;
    }),
  };
}

function withoutOutput(run: Run): Omit<Run, 'output'> {
  if (!('output' in run)) return run;
  const { output: _, ...rest } = run;
  return rest;
}

/** Progress stays: it never falls. So does what was used: it was paid for. */
function asPending({ id, kind, role, label, progress, usage }: NodeExecution): NodeExecution {
  return { ...pendingNode({ id, kind, role, label }), progress, ...(usage === undefined ? {} : { usage }) };
}

/** The steps that it remembers belong to the values that it was started with. */
function asResumed(node: NodeExecution): NodeExecution {
  const pending = asPending(node);
  return node.fixedAt === undefined ? pending : { ...pending, fixedAt: node.fixedAt };
}

function applyUsage(run: Run, event: Extract<RunEvent, { kind: 'step.completed' | 'node.usage' }>): Run['nodes'] {
  const { nodeId, usage } = event;
  if (usage === undefined) return run.nodes;
  return changeNode(run, nodeId, (node) => ({ ...node, usage: addUsage(node.usage ?? NO_USAGE, usage) }));
}

type NodeEvent = Exclude<
  Extract<RunEvent, { nodeId: string }>,
  { kind: 'step.completed' | 'node.text' | 'node.usage' }
>;

function applyToNode(node: NodeExecution, event: NodeEvent): NodeExecution {
  switch (event.kind) {
    case 'node.started':
      return applyStart(awake(node), event);
    case 'node.progress':
      return { ...node, progress: Math.max(node.progress, event.percent), message: event.message ?? node.message };
    case 'node.findings':
      return { ...node, findings: event.findings };
    case 'node.completed':
      return applyCompletion(awake(node), event);
    case 'node.failed':
      return { ...awake(node), status: 'failed', error: event.error, completedAt: event.at };
    case 'node.retrying':
      return {
        ...awake(node),
        status: 'waiting',
        error: event.error,
        waitingFor: 'retry',
        waitingUntil: event.until,
      };
    case 'node.waiting':
      return { ...awake(node), ...applyWait(event.wait), status: 'waiting' };
    case 'node.answered':
      return { ...awake(node), status: 'running' };
    case 'node.items':
      return { ...node, items: { total: event.total, done: event.done, failed: event.failed } };
    case 'node.skipped':
      return { ...node, status: 'skipped', completedAt: event.at };
    case 'node.cancelled':
      return { ...awake(node), status: 'cancelled', completedAt: event.at };
  }
}

function applyStart(node: NodeExecution, event: Extract<RunEvent, { kind: 'node.started' }>): NodeExecution {
  const { attempt, at, fixedAt } = event;
  const started: NodeExecution = { ...node, status: 'running', attempt, startedAt: node.startedAt ?? at };
  return fixedAt === undefined ? started : { fixedAt, ...started };
}

function applyCompletion(
  node: NodeExecution,
  { at, fallbackFor }: Extract<RunEvent, { kind: 'node.completed' }>,
): NodeExecution {
  const completed = { ...node, status: 'completed', progress: 100, error: null, completedAt: at } as const;
  return fallbackFor === undefined ? completed : { ...completed, error: fallbackFor, usedFallback: true };
}

function applyWait(wait: NodeWait): Partial<NodeExecution> {
  const waiting = { waitingFor: wait.for, waitingUntil: wait.until };
  switch (wait.for) {
    case 'time':
      return waiting;
    case 'answer':
      return { ...waiting, question: wait.question };
    case 'run':
      return {
        ...waiting,
        childRunId: wait.runId,
        ...(wait.step === undefined ? {} : { waitingStep: wait.step }),
      };
  }
}

/** The node without what it has only while it waits. */
function awake(node: NodeExecution): NodeExecution {
  if (node.status !== 'waiting') return node;
  const { waitingFor: _, question: __, waitingStep: ___, ...rest } = node;
  return { ...rest, waitingUntil: null };
}
