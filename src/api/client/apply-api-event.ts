import type { Json } from '../../core/json.js';
import { isJsonObject } from '../../core/json.js';
import {
  WAIT_REASONS,
  type ItemCounts,
  type NodeError,
  type Question,
  type WaitReason,
} from '../../core/run/node-execution.js';
import type { ApiEvent, ApiNode, ApiRun } from '../api-types.js';

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
    default:
      return {
        ...next,
        nodes: run.nodes.map((node) => (node.id === event.node_id ? applyToNode(node, event) : node)),
      };
  }
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
      child_run_id: readText(data['run_id']) ?? node.child_run_id,
    }),
  ],
  ['node.answered', () => ({ ...NOT_WAITING, status: 'running' })],
  ['node.items', (_node, { data }) => ({ items: data as unknown as ItemCounts })],
  ['node.skipped', (_node, { at }) => ({ status: 'skipped', completed_at: at })],
  ['node.cancelled', (_node, { at }) => ({ ...NOT_WAITING, status: 'cancelled', completed_at: at })],
]);

function applyToNode(node: ApiNode, event: ApiEvent): ApiNode {
  return { ...node, ...NODE_CHANGES.get(event.kind)?.(node, event) };
}

function readWaitReason(value: Json | undefined): WaitReason | null {
  return WAIT_REASONS.find((reason) => reason === value) ?? null;
}

export function readText(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

export function readError(value: Json | undefined): NodeError | null {
  if (!isJsonObject(value)) return null;
  return { kind: readText(value['kind']) ?? 'error', message: readText(value['message']) ?? 'unknown error' };
}
