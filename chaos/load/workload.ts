import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agents, ASKING, AWAITING, type Graph, mapped, nested, SHARING, SHORT, TOLD, work } from './graphs.js';
import { HANDLER } from './handler.js';

export type End = 'completed' | 'failed' | 'partial_complete' | 'cancelled';

/**
 * What a caller does with an ended run: takes it up again, or has its work done again, from a node on or with another
 * input.
 */
export type SecondChance =
  | { readonly kind: 'retry' }
  | { readonly kind: 'rerun'; readonly from: string | null; readonly input: 'same' | 'another' };

/** What one workflow of the load must come to. */
export interface Expectation {
  /** How a run of it ends that nobody cancels by chance. */
  readonly status: End;
  /**
   * How it ends once what troubled it has gone: from its first retry on, or when it begins with that node completed.
   */
  readonly cured?: { readonly status: End; readonly node: string };
  /** The node that is allowed to fail. */
  readonly mayFail?: string;
  /** What a run costs, and reserves. */
  readonly credits: number;
  /** What it costs in place of that when it completes: `credits` is then the most that it may. */
  readonly price?: { readonly base: number; readonly per_item: number };
  /** What it and the runs that it starts may cost together. */
  readonly sharedCredits?: number;
  /** What each node comes after, near and far. */
  readonly after: { readonly [nodeId: string]: readonly string[] };
  /** Where its reruns may begin; at any of its own nodes when not given. */
  readonly beginsAt?: readonly string[];
  readonly weight: number;
  /** What the first run of it that ends is given, so that the shortest load has all of them. */
  readonly chance: SecondChance;
}

const RETRY: SecondChance = { kind: 'retry' };
const rerun = (from: string | null, input: 'same' | 'another' = 'same'): SecondChance => ({
  kind: 'rerun',
  from,
  input,
});

interface Flow extends Expectation {
  readonly text: string;
}

const LOAD: { readonly [id: string]: Flow } = {
  quick: {
    status: 'completed',
    credits: 1,
    weight: 6,
    chance: rerun(null),
    after: { a: [], b: ['a'], c: ['a', 'b'] },
    text: work('a', [], SHORT) + work('b', ['a'], SHORT) + work('c', ['b'], SHORT),
  },
  slow: {
    status: 'completed',
    credits: 3,
    weight: 2,
    chance: rerun(null, 'another'),
    after: { one: [], two: ['one'] },
    text:
      work('one', [], "ms: '{{ input.ms * 40 }}', steps: 20", ', role: first, label: First') +
      work('two', ['one'], "ms: '{{ input.ms * 20 }}', steps: 10", ', role: second, label: Second'),
  },
  flaky: {
    status: 'completed',
    credits: 2,
    weight: 3,
    chance: rerun('next'),
    after: { tries: [], next: ['tries'] },
    text:
      work('tries', [], `${SHORT}, fail_until: 3`, ', retry: { attempts: 5, initial: 30ms, max: 100ms }') +
      work('next', ['tries'], SHORT),
  },
  fan: {
    status: 'completed',
    credits: 18,
    price: { base: 1, per_item: 0.7 },
    weight: 2,
    chance: rerun('last'),
    ...mapped("fail_when: '{{ item % 7 = 3 }}'", 'on_item_error: continue'),
  },
  told: {
    status: 'completed',
    credits: 1,
    weight: 2,
    chance: rerun(null),
    // What it sends has the id of its own run: a rerun that sends nothing anew would wait for ever.
    beginsAt: ['before', 'use'],
    ...TOLD,
  },
  awaits: {
    status: 'completed',
    credits: 1,
    weight: 2,
    chance: rerun('use'),
    ...AWAITING,
  },
  nest: {
    status: 'completed',
    credits: 3,
    weight: 2,
    chance: rerun('last'),
    ...nested(),
  },
  shares: {
    status: 'completed',
    mayFail: 'three',
    credits: 2,
    sharedCredits: 4,
    weight: 2,
    chance: rerun('done'),
    ...SHARING,
  },
  pause: {
    status: 'completed',
    credits: 1,
    weight: 2,
    chance: rerun('later'),
    after: { before: [], nap: ['before'], later: ['before', 'nap'] },
    text:
      work('before', [], SHORT) +
      `  - { id: nap, kind: wait, needs: [before], for: '{{ input.ms * 30 }}' }\n` +
      `  - { id: later, kind: code, uses: ./work.mjs, needs: [before, nap], with: { from: { before: '{{ nodes.before.output.token }}' }, ${SHORT} } }\n`,
  },
  question: {
    status: 'completed',
    credits: 2,
    weight: 3,
    chance: rerun('use'),
    ...ASKING,
  },
  doomed: {
    status: 'failed',
    credits: 4,
    weight: 1,
    chance: RETRY,
    after: { well: [], fails: ['well'], beside: ['well'] },
    text:
      work('well', [], SHORT) +
      work('fails', ['well'], `${SHORT}, fail_when: true`) +
      work('beside', ['well'], "ms: '{{ input.ms * 10 }}'"),
  },
  partial: {
    status: 'partial_complete',
    mayFail: 'bad',
    credits: 4,
    weight: 1,
    chance: rerun('end'),
    ...agents('fail_when: true'),
  },
  // A retry takes up the items that had failed, or had not begun.
  mend: {
    status: 'failed',
    cured: { status: 'completed', node: 'each' },
    credits: 3,
    weight: 2,
    chance: RETRY,
    ...mapped("fail_until_cured: '{{ item % 5 = 2 }}'"),
  },
  // What depends on the failed node has run, and is run again.
  heal: {
    status: 'partial_complete',
    cured: { status: 'completed', node: 'bad' },
    mayFail: 'bad',
    credits: 4,
    weight: 1,
    chance: RETRY,
    ...agents('fail_until_cured: true'),
  },
  // Cancelled while it asks, and answered once it has been retried.
  halted: {
    status: 'cancelled',
    cured: { status: 'completed', node: 'ask' },
    credits: 2,
    weight: 1,
    chance: RETRY,
    ...ASKING,
  },
  parent: {
    status: 'completed',
    credits: 2,
    weight: 2,
    chance: rerun('done'),
    after: { before: [], sub: ['before'], done: ['before', 'sub'] },
    text:
      work('before', [], SHORT) +
      `  - { id: sub, kind: workflow, needs: [before], workflow: '{{ input.child }}', with: { ms: '{{ input.ms }}' } }\n` +
      `  - { id: done, kind: code, uses: ./work.mjs, needs: [sub], with: { from: { sub: '{{ nodes.sub.output }}' }, ${SHORT} } }\n`,
  },
};

/** A node whose code does harm, after which the run goes on or is over. */
function harm(does: string, more: string): Graph {
  return { after: { bad: [] }, text: work('bad', [], `${SHORT}, does: ${does}`, more) };
}

const TIMEOUT = ', timeout: 1s';
const FAILS = { status: 'failed', credits: 2, weight: 1, chance: RETRY } as const;
const COMPLETES = { status: 'completed', credits: 2, weight: 1, chance: rerun(null) } as const;

/** Handlers that hold their process, end it, or flood the server. */
const HARM: { readonly [id: string]: Flow } = {
  loops: { ...FAILS, ...harm('loop', TIMEOUT) },
  hoards: { ...FAILS, ...harm('hoard', ', timeout: 60s') },
  exits: { ...FAILS, ...harm('exit', '') },
  never_ends: { ...FAILS, ...harm('never', TIMEOUT) },
  throws_late: { ...COMPLETES, ...harm('throw_late', '') },
  floods: { ...COMPLETES, ...harm('flood', '') },
};

/** What nobody orders: a schedule starts it. */
export const TIMED = 'tick';
const TICK: Flow = {
  status: 'completed',
  credits: 1,
  weight: 0,
  chance: rerun(null),
  after: { say: [] },
  text: '  - { id: say, kind: transform, with: done }\n',
};

export const FLOWS: { readonly [id: string]: Flow } = { ...LOAD, ...HARM, [TIMED]: TICK };
/** The workflows of the mixed load, and those that do harm. */
export const USUAL: readonly string[] = Object.keys(LOAD);
/** The workflow whose runs' times are measured. */
export const MEASURED = 'quick';
/** The workflow whose runs a hook starts, too. */
export const HOOKED = 'quick';

export const HARMFUL: readonly string[] = Object.keys(HARM);

/** As its definition says it. */
function creditsOf({ credits, price }: Flow) {
  return price === undefined ? credits : { ...price, max: credits };
}

function budgetOf({ sharedCredits }: Flow): string {
  return sharedCredits === undefined ? '' : `budget: { shared: true, credits: ${sharedCredits} }\n`;
}

/**
 * Writes the workflows of the load; their handlers note every execution in the journal, and find the ids of cured runs
 * in a folder.
 */
export function writeWorkflows(params: {
  readonly folder: string;
  readonly journal: string;
  readonly cured: string;
}): void {
  const { folder, journal, cured } = params;
  mkdirSync(folder, { recursive: true });
  mkdirSync(cured, { recursive: true });
  writeFileSync(join(folder, 'work.mjs'), HANDLER(journal, cured));
  for (const [id, flow] of Object.entries(FLOWS)) {
    writeFileSync(
      join(folder, `${id}.yaml`),
      `id: ${id}\nname: ${id}\ndescription: Part of a mixed load.\ncredits: ${JSON.stringify(creditsOf(flow))}\n${budgetOf(flow)}nodes:\n${flow.text}`,
    );
  }
}
