import type { Json } from '../../core/json.js';
import { isJsonObject } from '../../core/json.js';
import {
  isNodeEnded,
  WAIT_REASONS,
  type ItemCounts,
  type NodeError,
  type Question,
  type WaitReason,
} from '../../core/run/node-execution.js';
import { isWithin, numberedPath, rootOf } from '../../core/run/paths/node-path.js';
import { parseItemKey } from '../../core/run/step-keys.js';
import type { ApiEvent, ApiNode, ApiRun } from '../api-types.js';
import { completeNode } from './brief-nodes.js';

/**
 * A run's picture after one more event, as the live view shows it; what only the server can tell is read again when the
 * run has ended.
 */
export function applyApiEvent(run: ApiRun, event: ApiEvent): ApiRun {
  if (event.seq <= run.version) return run;
  const next: ApiRun = { ...run, version: event.seq };
  switch (event.kind) {
    case 'run.started':
      return { ...next, status: 'running', started_at: event.at, waiting_for: null };
    case 'run.completed':
      return ended(next, event, 'completed');
    case 'run.partially_completed':
      return ended(next, event, 'partial_complete');
    case 'run.failed':
      return ended(next, event, 'failed');
    case 'run.cancelled':
      return ended(next, event, 'cancelled');
    case 'run.retried':
      return retried(next, event);
    default: {
      const rootId = rootIdOf(event);
      return { ...next, nodes: run.nodes.map((node) => (node.id === rootId ? changeRoot(node, event) : node)) };
    }
  }
}

function rootIdOf({ node_id: path }: ApiEvent): string | null {
  return path === null ? null : rootOf(path);
}

/** A node of the workflow after an event that is its own, or of a node inside it. */
function changeRoot(root: ApiNode, event: ApiEvent): ApiNode {
  if (event.kind === 'node.reopened') return reopened(root, event);
  if (event.kind === 'node.round') return withoutRound(root, event);
  if (event.kind === 'step.completed') return withoutItem(root, event);
  return root.id === event.node_id ? applyToNode(root, event) : applyInside(root, event);
}

/** A node inside it that nothing was told of before has begun. */
function applyInside(root: ApiNode, event: ApiEvent): ApiNode {
  const path = event.node_id ?? '';
  const place = root.inner.findIndex(({ id }) => id === path);
  const before = root.inner[place] ?? pendingInner(path, event);
  const after = applyToNode(before, event);
  return { ...root, inner: place === -1 ? [...root.inner, after] : root.inner.with(place, after) };
}

function pendingInner(path: string, { data }: ApiEvent): ApiNode {
  return completeNode({ id: path, kind: readText(data['node_kind']) ?? '', status: 'pending' });
}

/** A round has ended, and what stood in it with it. */
function withoutRound(root: ApiNode, { node_id: nodeId, data }: ApiEvent): ApiNode {
  const { round } = data;
  if (typeof round !== 'number' || nodeId === null) return root;
  const left = root.inner.filter(({ id }) => !isWithin(id, numberedPath(nodeId, round)));
  if (nodeId === root.id) return { ...root, rounds: round, inner: left };
  return { ...root, inner: left.map((node) => (node.id === nodeId ? { ...node, rounds: round } : node)) };
}

/** What has ended with an item leaves. */
function withoutItem(root: ApiNode, { data }: ApiEvent): ApiNode {
  const place = root.inner.length === 0 ? null : parseItemKey(readText(data['key']) ?? '');
  if (place === null) return root;
  const path = numberedPath(place.nodeId, place.index);
  return { ...root, inner: root.inner.filter(({ id }) => id !== path && !isWithin(id, path)) };
}

function reopened(root: ApiNode, { data }: ApiEvent): ApiNode {
  const resumed = readTexts(data['resumed']);
  const reset = readTexts(data['reset']);
  const stays = ({ id }: ApiNode): boolean =>
    !resumed.includes(id) && !reset.some((path) => id === path || isWithin(id, path));
  return { ...root, inner: root.inner.filter(stays) };
}

/** With the end of what holds them, nothing inside goes on. */
function closeInner({ inner }: ApiNode): readonly ApiNode[] {
  return inner.map((node) => (isNodeEnded(node.status) ? node : { ...node, ...NOT_WAITING, status: 'cancelled' }));
}

/** Of each node its place in the list, by its id: the same in all lists of one run. */
const PLACES = new WeakMap<readonly ApiNode[], ReadonlyMap<string, number>>();

/** Also to have it made before events come, where there are very many nodes. */
export function placesOf(nodes: readonly ApiNode[]): ReadonlyMap<string, number> {
  const known = PLACES.get(nodes);
  if (known !== undefined) return known;
  const places = new Map<string, number>();
  for (const [place, { id }] of nodes.entries()) places.set(id, place);
  PLACES.set(nodes, places);
  return places;
}

/** The same for many at once: the nodes are copied once, however many events are theirs. */
export function applyApiEvents(run: ApiRun, events: readonly ApiEvent[]): ApiRun {
  let next = run;
  let nodes: ApiNode[] | null = null;
  const places = placesOf(run.nodes);
  for (const event of events) {
    if (event.seq <= next.version) continue;
    const place = places.get(rootIdOf(event) ?? '');
    const root = place === undefined ? undefined : (nodes ?? next.nodes)[place];
    if (place === undefined || root === undefined) {
      next = applyApiEvent(nodes === null ? next : { ...next, nodes }, event);
      PLACES.set(next.nodes, places);
      nodes = null;
      continue;
    }
    if (nodes === null) PLACES.set((nodes = [...next.nodes]), places);
    nodes[place] = changeRoot(root, event);
    next = { ...next, version: event.seq };
  }
  return nodes === null ? next : { ...next, nodes };
}

function ended(run: ApiRun, event: ApiEvent, status: ApiRun['status']): ApiRun {
  return { ...run, status, terminal: true, waiting_for: null, completed_at: event.at };
}

function retried(run: ApiRun, { data }: ApiEvent): ApiRun {
  const { output: _, ...rest } = run;
  const again = new Set([data['resumed'], data['reset']].flat());
  const nodes = run.nodes.map((node) =>
    again.has(node.id)
      ? {
          ...node,
          ...NOT_WAITING,
          status: 'pending' as const,
          attempt: 0,
          message: null,
          findings: null,
          error: null,
          used_fallback: false,
          started_at: null,
          completed_at: null,
        }
      : node,
  );
  return { ...rest, nodes, status: 'pending', terminal: false, error: null, started_at: null, completed_at: null };
}

const NOT_WAITING = {
  held_up_by: null,
  waiting_for: null,
  waiting_until: null,
  question: null,
  event: null,
} as const;

type NodeChange = (node: ApiNode, event: ApiEvent) => Partial<ApiNode>;

/** What each kind of event changes of its node. */
const NODE_CHANGES: ReadonlyMap<string, NodeChange> = new Map<string, NodeChange>([
  [
    'node.started',
    (node, { data, at }) => ({
      ...NOT_WAITING,
      status: 'running',
      attempt: typeof data['attempt'] === 'number' ? data['attempt'] : node.attempt,
      started_at: node.started_at ?? at,
    }),
  ],
  [
    'node.progress',
    (node, { data }) => ({
      progress: Math.max(node.progress, typeof data['percent'] === 'number' ? data['percent'] : 0),
      message: readText(data['message']) ?? node.message,
    }),
  ],
  ['node.findings', (_node, { data }) => ({ findings: readText(data['findings']) })],
  [
    'node.completed',
    (_node, { data, at }) => ({
      ...NOT_WAITING,
      status: 'completed',
      progress: 100,
      error: readError(data['fallback_for']),
      used_fallback: data['fallback_for'] !== undefined,
      completed_at: at,
    }),
  ],
  [
    'node.failed',
    (_node, { data, at }) => ({ ...NOT_WAITING, status: 'failed', error: readError(data['error']), completed_at: at }),
  ],
  [
    'node.retrying',
    (_node, { data }) => ({
      ...NOT_WAITING,
      status: 'waiting',
      error: readError(data['error']),
      waiting_for: 'retry',
      waiting_until: readText(data['until']),
    }),
  ],
  [
    'node.waiting',
    (node, { data }) => ({
      status: 'waiting',
      waiting_for: readWaitReason(data['for']),
      waiting_until: readText(data['until']),
      question: isJsonObject(data['question']) ? (data['question'] as unknown as Question) : null,
      event: isJsonObject(data['event']) ? (data['event'] as unknown as ApiNode['event']) : null,
      child_run_id: readText(data['run_id']) ?? node.child_run_id,
    }),
  ],
  ['node.answered', () => ({ ...NOT_WAITING, status: 'running' })],
  ['node.items', (_node, { data }) => ({ items: data as unknown as ItemCounts })],
  ['node.skipped', (_node, { at }) => ({ status: 'skipped', completed_at: at })],
  ['node.cancelled', (_node, { at }) => ({ ...NOT_WAITING, status: 'cancelled', completed_at: at })],
]);

function applyToNode(node: ApiNode, event: ApiEvent): ApiNode {
  const changed = { ...node, ...NODE_CHANGES.get(event.kind)?.(node, event) };
  return node.inner.length > 0 && ENDS_INSIDE.has(event.kind) ? { ...changed, inner: closeInner(node) } : changed;
}

const ENDS_INSIDE: ReadonlySet<string> = new Set(['node.completed', 'node.failed', 'node.retrying', 'node.cancelled']);

function readWaitReason(value: Json | undefined): WaitReason | null {
  return WAIT_REASONS.find((reason) => reason === value) ?? null;
}

function readTexts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : [];
}

export function readText(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

export function readError(value: Json | undefined): NodeError | null {
  if (!isJsonObject(value)) return null;
  return { kind: readText(value['kind']) ?? 'error', message: readText(value['message']) ?? 'unknown error' };
}
