import { NodeFailure, type NodeContext, type NodeKind } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import { nameOfPath } from './node-names.js';

/** What a node was given when it worked. */
export interface NodeCall {
  /** The node's `with`, evaluated. */
  readonly input: Json;
  /** The kind's own fields, evaluated: `url`, `prompt`, `message`. */
  readonly fields: { readonly [name: string]: Json };
  /** Counts from 1. */
  readonly attempt: number;
  readonly idempotencyKey: string;
}

/** What a node gives in place of its work. */
export type FakeOutcome =
  | { readonly output: Json }
  | { readonly error: { readonly message: string; readonly kind?: string; readonly retryable?: boolean } };

/** One outcome for every call; several, one after another, the last for all that follow; or what a function returns. */
export type Fake = FakeOutcome | readonly FakeOutcome[] | ((call: NodeCall) => Json | Promise<Json>);

/**
 * By node: `charge`, `each/do` for what a map runs, `review.draft` for a node of a group, `refund:charge` for a node of
 * another workflow than the first.
 */
export type Fakes = { readonly [node: string]: Fake };

/** What becomes of nodes that are not faked: they work, but for kinds that reach out; or their kinds stand in. */
export type Unfaked = 'work' | 'stand_in';

/** Kinds whose work leaves the server. */
const KINDS_THAT_REACH_OUT: ReadonlySet<string> = new Set(['http', 'mcp']);
/** Kinds whose work is that of other nodes. */
const KINDS_OF_OTHERS: ReadonlySet<string> = new Set(['map', 'group', 'repeat', 'switch', 'race', 'workflow', 'agent']);

/** Stands before the node kinds: nodes that are faked do not work, those that would reach out fail. */
export class FakeNodes {
  readonly #fakes: Fakes;
  readonly #unfaked: Unfaked;
  /** The workflow whose nodes are named without it. */
  #workflowId = '';
  readonly #calls = new Map<string, NodeCall[]>();
  #working = 0;

  constructor(fakes: Fakes, unfaked: Unfaked = 'work') {
    this.#fakes = fakes;
    this.#unfaked = unfaked;
  }

  /** Nodes of this workflow are named without it. */
  setTested(workflowId: string): void {
    this.#workflowId = workflowId;
  }

  /** How many nodes work just now, those aside that wait for others of their run. */
  get working(): number {
    return this.#working;
  }

  /** What a node was given, in the order of its calls. */
  callsOf(node: string): readonly NodeCall[] {
    return this.#calls.get(node) ?? [];
  }

  wrap(kinds: ReadonlyMap<string, NodeKind>): ReadonlyMap<string, NodeKind> {
    return new Map([...kinds].map(([name, kind]) => [name, this.#wrapKind(kind)]));
  }

  #wrapKind(kind: NodeKind): NodeKind {
    // What a test gives is checked and copied as what functions give.
    const { givesJson: _givesJson, ...rest } = kind;
    return { ...rest, execute: (context) => this.#execute(kind, context) };
  }

  async #execute(kind: NodeKind, context: NodeContext): Promise<unknown> {
    const { input, fields, attempt, idempotencyKey } = context;
    const call = { input, fields, attempt, idempotencyKey };
    const node = this.#nameOf(context);
    const calls = this.#calls.get(node) ?? [];
    const before = calls.length;
    calls.push(call);
    this.#calls.set(node, calls);
    const isOfOthers = KINDS_OF_OTHERS.has(kind.kind);
    if (!isOfOthers) this.#working += 1;
    try {
      const fake = Object.hasOwn(this.#fakes, node) ? this.#fakes[node] : undefined;
      if (fake !== undefined) return await give(fake, call, before);
      if (this.#unfaked === 'stand_in' && kind.standIn !== undefined) return await kind.standIn(context);
      if (!KINDS_THAT_REACH_OUT.has(kind.kind)) return await kind.execute(context);
    } finally {
      if (!isOfOthers) this.#working -= 1;
    }
    throw new NodeFailure(
      `The node ${node} of kind ${kind.kind} reaches out of the server, and a test has nothing there: give it an outcome, nodes: { ${JSON.stringify(node)}: { output: … } }.`,
      { kind: 'not_faked', retryable: false },
    );
  }

  #nameOf({ run, node }: NodeContext): string {
    const name = nameOfPath(node.id);
    return run.workflowId === this.#workflowId ? name : `${run.workflowId}:${name}`;
  }
}

async function give(fake: Fake, call: NodeCall, before: number): Promise<Json> {
  if (typeof fake === 'function') return fake(call);
  const outcome = isSeries(fake) ? fake[Math.min(before, fake.length - 1)] : fake;
  if (outcome === undefined)
    throw new NodeFailure('No outcome is given for it', { kind: 'not_faked', retryable: false });
  if ('output' in outcome) return outcome.output;
  const { message, kind = 'error', retryable = true } = outcome.error;
  throw new NodeFailure(message, { kind, retryable });
}

function isSeries(fake: Exclude<Fake, (...args: never[]) => unknown>): fake is readonly FakeOutcome[] {
  return Array.isArray(fake);
}
