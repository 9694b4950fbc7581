import type { ApiEvent } from '@api/api-types.js';
import { readError, readText } from '@api/client/apply-api-event.js';
import { isJsonObject, type Json } from '@core/json.js';
import { isNodeEnded, type NodeError, type NodeStatus } from '@core/run/node-execution.js';
import { isInnerPath, numberedPath, rootOf } from '@core/run/paths/node-path.js';
import { parseItemKey } from '@core/run/step-keys.js';

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
  /** The process that was at it died: another attempt has taken its place. */
  isCut: boolean;
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

/** A model that was asked and gave no answer. */
export interface LostCall {
  readonly seq: number;
  readonly at: string;
  /** As events name the step: `answer`, or `each[3]:answer` of one inside the node. */
  readonly step: string;
  readonly usage: Json | null;
}

export interface NodeHistory {
  /** As the log has it; the record of a node of the workflow itself knows better. */
  status: NodeStatus;
  error: NodeError | null;
  /** Of a node inside another one. */
  kind: string | null;
  readonly attempts: Attempt[];
  readonly stretches: Stretch[];
  readonly steps: Step[];
  readonly lostCalls: LostCall[];
  /** What models have written so far, by the name of the step. */
  readonly texts: Map<string, string>;
  output: Json | undefined;
  skippedBecause: string | null;
}

export interface RunHistory {
  /** By their paths. */
  readonly nodes: ReadonlyMap<string, NodeHistory>;
  /** The paths of the nodes inside each node of the workflow, in the order in which they began. */
  readonly inside: ReadonlyMap<string, readonly string[]>;
  /** The items or rounds of each node that nodes have begun in: `[3]`, or `[3][1]` where an item has rounds. */
  readonly numbers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly input: Json | undefined;
  readonly instruction: string | null;
  readonly cancelReason: string | null;
}

/** What a run's log says of each of its nodes, read on as the log grows: each event is read once. */
export class HistoryReader {
  readonly #nodes = new Map<string, NodeHistory>();
  readonly #inside = new Map<string, string[]>();
  readonly #numbers = new Map<string, Set<string>>();
  #count = 0;
  #history: RunHistory = {
    nodes: this.#nodes,
    inside: this.#inside,
    numbers: this.#numbers,
    input: undefined,
    instruction: null,
    cancelReason: null,
  };

  /** `events`: all that there are so far. Gives another object whenever there are more than before. */
  read(events: readonly ApiEvent[]): RunHistory {
    if (events.length === this.#count) return this.#history;
    let { input, instruction, cancelReason } = this.#history;
    for (; this.#count < events.length; this.#count += 1) {
      const event = events[this.#count];
      if (event === undefined) break;
      const { kind, data, node_id: nodeId } = event;
      if (nodeId !== null) this.#addToNode(nodeId, event);
      else if (kind === 'run.created') {
        input = data['input'];
        instruction = readText(data['instruction']);
      } else if (kind === 'run.cancelled') cancelReason = readText(data['reason']);
      else if (kind === 'run.retried') cancelReason = null;
      if (nodeId === null && kind !== 'run.created' && kind !== 'run.started') endAll(this.#nodes, event.at);
    }
    this.#history = { ...this.#history, input, instruction, cancelReason };
    return this.#history;
  }

  #addToNode(nodeId: string, event: ApiEvent): void {
    let node = this.#nodes.get(nodeId);
    if (node === undefined) {
      node = emptyHistory();
      this.#nodes.set(nodeId, node);
      if (isInnerPath(nodeId)) this.#addInside(nodeId);
    }
    addToNode(node, event);
    if (event.kind === 'step.completed') this.#endItem(event);
    if (isNodeEnded(node.status)) this.#endInside(nodeId, event.at);
  }

  #addInside(path: string): void {
    add(this.#inside, rootOf(path), () => [] as string[]).push(path);
    const [, holder, numbers] = /^(.*?)((?:\[\d+\])+)(?:\.[^.]*)?$/.exec(path) ?? [];
    if (holder !== undefined && numbers !== undefined) add(this.#numbers, holder, () => new Set<string>()).add(numbers);
  }

  /** An item ends with a step of the node that has it. */
  #endItem({ data, at }: ApiEvent): void {
    const place = parseItemKey(readText(data['key']) ?? '');
    const item = place === null ? undefined : this.#nodes.get(numberedPath(place.nodeId, place.index));
    const { outcome } = data;
    if (item === undefined || !isJsonObject(outcome)) return;
    item.status = outcome['status'] === 'failed' ? 'failed' : 'completed';
    item.error = readError(outcome['error']);
    if (item.error === null) item.output = outcome['output'];
    endAttempt(item, at, item.error);
  }

  /** With what holds them, nodes end that have not ended by themselves. */
  #endInside(path: string, at: string): void {
    for (const inner of this.#inside.get(path) ?? []) endUnended(this.#nodes.get(inner), at);
  }
}

function add<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function emptyHistory(): NodeHistory {
  return {
    status: 'pending',
    error: null,
    kind: null,
    attempts: [],
    stretches: [],
    steps: [],
    lostCalls: [],
    texts: new Map(),
    output: undefined,
    skippedBecause: null,
  };
}

const STATUSES: ReadonlyMap<string, NodeStatus> = new Map([
  ['node.started', 'running'],
  ['node.answered', 'running'],
  ['node.waiting', 'waiting'],
  ['node.retrying', 'waiting'],
  ['node.completed', 'completed'],
  ['node.failed', 'failed'],
  ['node.cancelled', 'cancelled'],
  ['node.skipped', 'skipped'],
]);

function addToNode(node: NodeHistory, event: ApiEvent): void {
  const { kind, data } = event;
  node.status = STATUSES.get(kind) ?? node.status;
  node.kind ??= readText(data['node_kind']);
  if (kind === 'node.failed' || kind === 'node.retrying') node.error = readError(data['error']);
  if (kind === 'node.completed') node.error = readError(data['fallback_for']);
  addToTimes(node, event);
}

function addToTimes(node: NodeHistory, { kind, data, at, seq }: ApiEvent): void {
  const attempt = typeof data['attempt'] === 'number' ? data['attempt'] : (node.attempts.at(-1)?.number ?? 1);
  switch (kind) {
    case 'node.started':
      cutShort(node);
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
    case 'node.usage':
      node.lostCalls.push({ seq, at, step: readText(data['step']) ?? '', usage: data['usage'] ?? null });
      return;
    case 'node.text':
      return addText(node.texts, data);
    default:
  }
}

/** A text belongs at its offset; one that begins again takes the place of what there was. */
function addText(texts: Map<string, string>, { step, offset, text }: ApiEvent['data']): void {
  if (typeof step !== 'string' || typeof offset !== 'number' || typeof text !== 'string') return;
  texts.set(step, (texts.get(step) ?? '').slice(0, offset) + text);
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
  node.stretches.push({ ...stretch, to: null, isCut: false, hasFailed: false });
}

function cutShort({ stretches }: NodeHistory): void {
  const last = stretches.at(-1);
  if (last?.kind === 'work' && last.to === null) last.isCut = true;
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
  for (const node of nodes.values()) endUnended(node, at);
}

function endUnended(node: NodeHistory | undefined, at: string): void {
  if (node === undefined) return;
  if (!isNodeEnded(node.status) && node.attempts.length > 0) node.status = 'cancelled';
  endAttempt(node, at, null);
}
