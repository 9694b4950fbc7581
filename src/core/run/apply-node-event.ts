import type { NodeWait, RunEvent } from './events.js';
import { isNodeEnded, type NodeExecution, pendingNode } from './node-execution.js';
import { isInnerPath, isWithin, numberedPath } from './paths/node-path.js';
import { parseItemKey } from './step-keys.js';

/** An event that changes what a node has come to. */
export type NodeEvent = Exclude<
  Extract<RunEvent, { nodeId: string }>,
  { kind: 'step.completed' | 'node.text' | 'node.usage' | 'node.reopened' | 'node.round' }
>;

/** What an event of the node itself makes of it. */
export function applyToNode(node: NodeExecution, event: NodeEvent): NodeExecution {
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
      return { ...closeInner(awake(node)), status: 'failed', error: event.error, completedAt: event.at };
    case 'node.retrying':
      return {
        ...closeInner(awake(node)),
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
      return { ...closeInner(awake(node)), status: 'cancelled', completedAt: event.at };
  }
}

function applyStart(node: NodeExecution, event: Extract<RunEvent, { kind: 'node.started' }>): NodeExecution {
  const { attempt, at, fixedAt, holds, cutOffs } = event;
  const started: NodeExecution = { ...node, status: 'running', attempt, startedAt: node.startedAt ?? at };
  const counted = cutOffs === undefined ? started : { ...started, cutOffs };
  const fixed = fixedAt === undefined ? counted : { fixedAt, ...counted };
  if (holds === undefined) return fixed;
  return { ...fixed, attemptAt: node.attempt === attempt ? (node.attemptAt ?? at) : at };
}

function applyCompletion(
  node: NodeExecution,
  { at, fallbackFor }: Extract<RunEvent, { kind: 'node.completed' }>,
): NodeExecution {
  const completed = { ...closeInner(node), status: 'completed', progress: 100, error: null, completedAt: at } as const;
  return fallbackFor === undefined ? completed : { ...completed, error: fallbackFor, usedFallback: true };
}

function applyWait(wait: NodeWait): Partial<NodeExecution> {
  const waiting = { waitingFor: wait.for, waitingUntil: wait.until };
  switch (wait.for) {
    case 'time':
    case 'nodes':
      return waiting;
    case 'answer':
      return { ...waiting, question: wait.question };
    case 'event':
      return { ...waiting, event: wait.event };
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
  const { waitingFor: _, question: __, waitingStep: ___, event: ____, ...rest } = node;
  return { ...rest, waitingUntil: null };
}

/** With its end, or the end of its attempt, nothing inside it goes on. */
function closeInner(node: NodeExecution): NodeExecution {
  if (node.inner === undefined) return node;
  return { ...node, inner: node.inner.map((each) => (isNodeEnded(each.status) ? each : closed(each))) };
}

/** A node that was cut short with what holds it. */
export function closed(node: NodeExecution): NodeExecution {
  return { ...awake(node), status: 'cancelled' };
}

/** What an event of a node inside it makes of a node of the run. */
export function applyToInner(root: NodeExecution, event: NodeEvent): NodeExecution {
  const { inner = [], innerEnded = 0 } = root;
  const place = inner.findIndex(({ id }) => id === event.nodeId);
  const before = inner[place] ?? pendingNode({ id: event.nodeId, kind: kindIn(event) });
  const after = applyToNode(before, event);
  const changed = place === -1 ? [...inner, after] : inner.with(place, after);
  return ENDS_ATTEMPT.has(event.kind)
    ? { ...root, inner: changed, innerEnded: innerEnded + 1 }
    : { ...root, inner: changed };
}

const ENDS_ATTEMPT: ReadonlySet<NodeEvent['kind']> = new Set(['node.completed', 'node.failed', 'node.retrying']);

function kindIn(event: NodeEvent): string {
  return ('nodeKind' in event ? event.nodeKind : undefined) ?? '';
}

/** A round of it, or of a node inside it, has ended, and what stood in that with it. */
export function applyRound(
  root: NodeExecution,
  { nodeId, round }: Extract<RunEvent, { kind: 'node.round' }>,
): NodeExecution {
  const { inner = [], innerEnded = 0 } = root;
  const path = numberedPath(nodeId, round);
  const left = inner.filter(({ id }) => !isWithin(id, path));
  const counted = { ...root, innerEnded: innerEnded + 1 };
  if (nodeId === root.id) return { ...counted, inner: left, rounds: round };
  return { ...counted, inner: left.map((node) => (node.id === nodeId ? { ...node, rounds: round } : node)) };
}

/**
 * Takes leave of what has ended with an item of a node inside which there are others, and counts items of nodes inside
 * it.
 */
export function applyToItem(
  given: NodeExecution,
  { key, outcome }: Extract<RunEvent, { kind: 'step.completed' }>,
): NodeExecution {
  if (given.inner === undefined) return given;
  const place = parseItemKey(key);
  if (place === null) return given;
  const counts = outcome.status === 'completed' && isInnerPath(place.nodeId);
  const root = counts ? { ...given, innerItems: (given.innerItems ?? 0) + 1 } : given;
  const path = numberedPath(place.nodeId, place.index);
  const left = given.inner.filter(({ id }) => id !== path && !isWithin(id, path));
  return left.length === given.inner.length ? root : { ...root, inner: left, innerEnded: (root.innerEnded ?? 0) + 1 };
}

/** Has nodes inside it begin again. */
export function applyReopening(
  root: NodeExecution,
  { resumed, reset }: Extract<RunEvent, { kind: 'node.reopened' }>,
): NodeExecution {
  if (root.inner === undefined) return root;
  const again = new Set(resumed);
  const { rounds: _, ...fresh } = root;
  const kept = reset.includes(root.id) ? fresh : root;
  const left = root.inner.filter(({ id }) => {
    return !again.has(id) && !reset.some((path) => id === path || isWithin(id, path));
  });
  return { ...kept, inner: left };
}
