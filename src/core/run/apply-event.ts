import {
  applyReopening,
  applyRound,
  applyToInner,
  applyToItem,
  applyToNode,
  type NodeEvent,
} from './apply-node-event.js';
import type { RunEvent } from './events.js';
import { addUsage, NO_USAGE, type ModelUsage } from '../models/models.js';
import { type NodeExecution, pendingNode } from './node-execution.js';
import { rootOf } from './paths/node-path.js';
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
    case 'node.round':
      return { ...run, version, nodes: changeNode(run, rootOf(event.nodeId), (node) => applyRound(node, event)) };
    case 'node.reopened':
      return {
        ...run,
        version,
        nodes: changeNode(run, rootOf(event.nodeId), (node) => applyReopening(node, event)),
      };
    default:
      return applyNodeEvent(run, event);
  }
}

function applyNodeEvent(run: Run, event: NodeEvent): Run {
  const version = event.seq;
  const index = indexOfNode(run.nodes, event.nodeId);
  const node = run.nodes[index];
  if (node === undefined) {
    return { ...run, version, nodes: changeNode(run, rootOf(event.nodeId), (root) => applyToInner(root, event)) };
  }
  const nodes = run.nodes.with(index, applyToNode(node, event));
  const hasPaused = node.status === 'waiting' && event.at - (node.startedAt ?? event.at) >= LONG_PAUSE_MS;
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
  const index = indexOfNode(nodes, nodeId);
  const node = nodes[index];
  return node === undefined ? nodes : nodes.with(index, change(node));
}

/** Asked for with each event: a loop costs a fraction of a function for each node. */
function indexOfNode(nodes: Run['nodes'], nodeId: string): number {
  for (let index = 0; index < nodes.length; index += 1) if (nodes[index]?.id === nodeId) return index;
  return -1;
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

/** What has come of nodes inside it stays, for those that go on. */
function holdingOf({ inner, rounds }: NodeExecution): Pick<NodeExecution, 'inner' | 'rounds'> {
  return { ...(inner === undefined ? {} : { inner }), ...(rounds === undefined ? {} : { rounds }) };
}

/** The steps that it remembers, and the run that it has started, belong to the values that it was started with. */
function asResumed(node: NodeExecution): NodeExecution {
  const { fixedAt, childRunId } = node;
  return {
    ...asPending(node),
    ...holdingOf(node),
    ...(fixedAt === undefined ? {} : { fixedAt }),
    ...(childRunId === undefined ? {} : { childRunId }),
  };
}

function applyUsage(run: Run, event: Extract<RunEvent, { kind: 'step.completed' | 'node.usage' }>): Run['nodes'] {
  const { nodeId, usage, kind } = event;
  if (kind === 'step.completed' && run.nodes.some(({ inner }) => inner !== undefined)) {
    return changeNode(run, rootOf(nodeId), (node) => applyToItem(addToUsage(node, usage), event));
  }
  return usage === undefined ? run.nodes : changeNode(run, rootOf(nodeId), (node) => addToUsage(node, usage));
}

function addToUsage(node: NodeExecution, usage: ModelUsage | undefined): NodeExecution {
  return usage === undefined ? node : { ...node, usage: addUsage(node.usage ?? NO_USAGE, usage) };
}
