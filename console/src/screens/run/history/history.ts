import type { ApiEvent } from '@api/api-types.js';
import { readError, readText } from '@api/client/apply-api-event.js';
import { isJsonObject, type Json } from '@core/json.js';
import type { NodeError } from '@core/run/node-execution.js';

export interface Attempt {
  readonly number: number;
  readonly from: string;
  /** Null while it is at work. */
  to: string | null;
  error: NodeError | null;
}

/** A stretch of a node's time. */
export interface Stretch {
  readonly kind: 'work' | 'wait';
  readonly attempt: number;
  readonly from: string;
  to: string | null;
  /** What a wait is for: `retry`, `time`, `answer`, `run`. */
  readonly waitsFor: string | null;
  hasFailed: boolean;
}

export interface Step {
  readonly seq: number;
  readonly at: string;
  readonly key: string;
  readonly outcome: Json;
  /** Of a model call, with its model. */
  readonly usage: Json | null;
}

export interface NodeHistory {
  readonly attempts: Attempt[];
  readonly stretches: Stretch[];
  readonly steps: Step[];
  output: Json | undefined;
  skippedBecause: string | null;
}

export interface RunHistory {
  readonly nodes: ReadonlyMap<string, NodeHistory>;
  readonly input: Json | undefined;
  readonly instruction: string | null;
  readonly cancelReason: string | null;
}

/** What a run's log says of each of its nodes. */
export function readHistory(events: readonly ApiEvent[]): RunHistory {
  const nodes = new Map<string, NodeHistory>();
  let input: Json | undefined;
  let instruction: string | null = null;
  let cancelReason: string | null = null;
  for (const event of events) {
    const { kind, data, node_id: nodeId } = event;
    if (nodeId !== null) {
      const node = nodes.get(nodeId) ?? emptyHistory();
      nodes.set(nodeId, node);
      addToNode(node, event);
    } else if (kind === 'run.created') {
      input = data['input'];
      instruction = readText(data['instruction']);
    } else if (kind === 'run.cancelled') {
      cancelReason = readText(data['reason']);
    } else if (kind === 'run.retried') {
      cancelReason = null;
    }
    if (nodeId === null && kind !== 'run.created' && kind !== 'run.started') endAll(nodes, event.at);
  }
  return { nodes, input, instruction, cancelReason };
}

function emptyHistory(): NodeHistory {
  return { attempts: [], stretches: [], steps: [], output: undefined, skippedBecause: null };
}

function addToNode(node: NodeHistory, { kind, data, at, seq }: ApiEvent): void {
  const attempt = typeof data['attempt'] === 'number' ? data['attempt'] : (node.attempts.at(-1)?.number ?? 1);
  switch (kind) {
    case 'node.started':
      endStretch(node, at, false);
      node.attempts.push({ number: attempt, from: at, to: null, error: null });
      return begin(node, { kind: 'work', attempt, from: at, waitsFor: null });
    case 'node.retrying':
    case 'node.failed':
      endAttempt(node, at, readError(data['error']));
      if (kind === 'node.retrying') begin(node, { kind: 'wait', attempt, from: at, waitsFor: 'retry' });
      return;
    case 'node.completed':
      node.output = data['output'];
      return endAttempt(node, at, readError(data['fallback_for']));
    case 'node.cancelled':
      return endAttempt(node, at, null);
    case 'node.waiting':
      endStretch(node, at, false);
      return begin(node, { kind: 'wait', attempt, from: at, waitsFor: readText(data['for']) });
    case 'node.answered':
      endStretch(node, at, false);
      return begin(node, { kind: 'work', attempt, from: at, waitsFor: null });
    case 'node.skipped':
      node.skippedBecause = readText(data['reason']);
      return;
    case 'step.completed':
      node.steps.push({ seq, at, ...readStep(data) });
      return;
    default:
  }
}

function readStep(data: ApiEvent['data']): Pick<Step, 'key' | 'outcome' | 'usage'> {
  const { key, outcome, usage } = data;
  return {
    key: readText(key) ?? '',
    outcome: outcome ?? null,
    usage: isJsonObject(usage) ? usage : null,
  };
}

function begin(node: NodeHistory, stretch: Pick<Stretch, 'kind' | 'attempt' | 'from' | 'waitsFor'>): void {
  node.stretches.push({ ...stretch, to: null, hasFailed: false });
}

function endStretch(node: NodeHistory, at: string, hasFailed: boolean): void {
  const last = node.stretches.at(-1);
  if (last === undefined || last.to !== null) return;
  last.to = at;
  last.hasFailed = hasFailed;
}

function endAttempt(node: NodeHistory, at: string, error: NodeError | null): void {
  endStretch(node, at, error !== null);
  const last = node.attempts.at(-1);
  if (last === undefined || last.to !== null) return;
  last.to = at;
  last.error = error;
}

/** With the run, all ends that has not ended by itself. */
function endAll(nodes: ReadonlyMap<string, NodeHistory>, at: string): void {
  for (const node of nodes.values()) endAttempt(node, at, null);
}
