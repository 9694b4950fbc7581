/**
 * What a graph of nodes must come to, told without clocks, commits or crashes: each node has a fate, which follows from
 * the fates of its needs and from what its work is scripted to do.
 */
export interface ModelNode {
  readonly id: string;
  readonly needs: readonly string[];
  readonly join: 'all' | 'any';
  /** A constant, or whether a need has this status. */
  readonly when: boolean | { readonly need: string; readonly is: 'completed' | 'failed' } | null;
  readonly isAgent: boolean;
  readonly attempts: number;
  /** The kinds of failures that are tried again; null: all. */
  readonly on: readonly string[] | null;
  readonly onError: 'fail' | 'continue' | 'use';
  readonly work: ModelWork;
}

/** The last outcome goes for all attempts from there on. */
export type ModelWork =
  | { readonly kind: 'code' | 'child'; readonly outcomes: readonly ModelOutcome[]; readonly takesMs: number }
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'ask'; readonly deadlineMs: number; readonly hasDefault: boolean; readonly answered: boolean }
  /** `comes`: before the node waits, while it waits, or not at all. */
  | {
      readonly kind: 'event';
      readonly deadlineMs: number;
      readonly hasDefault: boolean;
      readonly comes: 'before' | 'while' | 'never';
    }
  | { readonly kind: 'emit' }
  | {
      readonly kind: 'map';
      /** By item, then by attempt at the item. */
      readonly items: readonly (readonly ModelOutcome[])[];
      readonly itemAttempts: number;
      readonly stopOnFailure: boolean;
      readonly takesMs: number;
    }
  | {
      readonly kind: 'group';
      /** `repeat`: in two rounds. Branches of a race and cases of a switch have no needs. */
      readonly shape: 'group' | 'repeat' | 'race' | 'switch';
      /** All that fails inside fails in the same way: which failure comes first depends on time. */
      readonly nodes: readonly ModelNode[];
      /** Of a map, each of whose items is such a group; null for a group by itself. */
      readonly items: { readonly count: number; readonly stopOnFailure: boolean } | null;
      readonly concurrency: number;
    };

export type ModelOutcome = 'ok' | 'hang' | { readonly fail: string; readonly retryable: boolean };

export interface Fate {
  readonly status: 'completed' | 'failed' | 'skipped';
  readonly error: string | null;
}

const COMPLETED: Fate = { status: 'completed', error: null };
const SKIPPED: Fate = { status: 'skipped', error: null };
const failed = (error: string): Fate => ({ status: 'failed', error });

/** The fates of nodes that stand in an order in which needs come first, as if no failure ended the run. */
export function fatesOf(nodes: readonly ModelNode[]): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const node of nodes) fates.set(node.id, fateOf(node, fates));
  return fates;
}

function fateOf(node: ModelNode, fates: ReadonlyMap<string, Fate>): Fate {
  const skipped = node.needs.filter((need) => fates.get(need)?.status === 'skipped').length;
  if (skipped > 0 && (node.join === 'all' || skipped === node.needs.length)) return SKIPPED;
  const { when } = node;
  if (when === false) return SKIPPED;
  if (when !== null && when !== true && fates.get(when.need)?.status !== when.is) return SKIPPED;
  const fate = fateOfAttempts(node);
  return fate.status === 'failed' && node.onError === 'use' ? { ...COMPLETED, error: fate.error } : fate;
}

function fateOfAttempts(node: ModelNode): Fate {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = outcomeOf(node.work, attempt);
    if (outcome === 'ok') return COMPLETED;
    const { error, retryable } = failureOf(outcome);
    const isTriedAgain = retryable && attempt < node.attempts && (node.on === null || node.on.includes(error));
    if (!isTriedAgain) return failed(error);
  }
}

function outcomeOf(work: ModelWork, attempt: number): ModelOutcome {
  switch (work.kind) {
    case 'code':
      return scripted(work.outcomes, attempt);
    case 'child': {
      // A run that failed does not tell whether another would.
      const outcome = scripted(work.outcomes, attempt);
      return typeof outcome === 'string' ? outcome : { ...outcome, retryable: true };
    }
    case 'wait':
      return 'ok';
    case 'ask':
      return work.answered || work.hasDefault ? 'ok' : 'hang';
    case 'event':
      return work.comes !== 'never' || work.hasDefault ? 'ok' : 'hang';
    case 'emit':
      return 'ok';
    case 'map':
      return outcomeOfItems(work);
    case 'group':
      return outcomeOfGroup(work);
  }
}

/** Which of several failed items is told depends on time; in a model they all fail in the same way. */
function outcomeOfItems(work: Extract<ModelWork, { kind: 'map' }>): ModelOutcome {
  if (!work.stopOnFailure) return 'ok';
  for (const outcomes of work.items) {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = scripted(outcomes, attempt);
      if (outcome === 'ok') break;
      const { error, retryable } = failureOf(outcome);
      if (!retryable || attempt >= work.itemAttempts) return { fail: error, retryable: true };
    }
  }
  return 'ok';
}

/** Another attempt changes nothing: what failed inside fails again. */
function outcomeOfGroup({ nodes: given, items, shape }: Extract<ModelWork, { kind: 'group' }>): ModelOutcome {
  if (items !== null && (items.count === 0 || !items.stopOnFailure)) return 'ok';
  if (shape === 'race') return outcomeOfRace(given);
  const chosen = given.findIndex(({ when }) => when !== false);
  const nodes = shape === 'switch' ? given.slice(chosen, chosen + 1) : given;
  const fates = fatesOf(nodes);
  const [fatal] = fatalNodes(nodes, fates);
  const error = fatal === undefined ? null : (fates.get(fatal)?.error ?? null);
  return error === null ? 'ok' : { fail: error, retryable: true };
}

function outcomeOfRace(branches: readonly ModelNode[]): ModelOutcome {
  const fates = [...fatesOf(branches).values()];
  if (fates.some(({ status }) => status === 'completed')) return 'ok';
  const [failure] = fates.flatMap(({ error }) => error ?? []);
  return failure === undefined ? { fail: 'no_winner', retryable: false } : { fail: failure, retryable: true };
}

export function scripted(outcomes: readonly ModelOutcome[], attempt: number): ModelOutcome {
  return outcomes[Math.min(attempt, outcomes.length) - 1] ?? 'ok';
}

function failureOf(outcome: Exclude<ModelOutcome, 'ok'>): { error: string; retryable: boolean } {
  return outcome === 'hang'
    ? { error: 'timeout', retryable: true }
    : { error: outcome.fail, retryable: outcome.retryable };
}

/** The nodes of which each would end the run, if it came to that before another one. */
export function fatalNodes(nodes: readonly ModelNode[], fates: ReadonlyMap<string, Fate>): ReadonlySet<string> {
  return new Set(
    nodes.filter((node) => node.onError !== 'continue' && fates.get(node.id)?.status === 'failed').map(({ id }) => id),
  );
}

/** How the run ends when no node ends it. */
export function runStatusOf(
  nodes: readonly ModelNode[],
  fates: ReadonlyMap<string, Fate>,
): 'completed' | 'partial_complete' | 'failed' {
  const agents = nodes.filter((node) => node.isAgent).map((node) => fates.get(node.id)?.status);
  if (!agents.includes('failed')) return 'completed';
  return agents.includes('completed') ? 'partial_complete' : 'failed';
}
