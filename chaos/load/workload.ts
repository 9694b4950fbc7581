import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** A node that runs work.mjs and hands on what the nodes it needs came to. */
function work(id: string, needs: readonly string[], config: string, more = ''): string {
  const from = needs.map((need) => `${need}: '{{ nodes.${need}.output.token }}'`).join(', ');
  return `  - { id: ${id}, kind: code, uses: ./work.mjs, needs: [${needs.join(', ')}], with: { from: { ${from} }, ${config} }${more} }\n`;
}

const SHORT = "ms: '{{ input.ms }}'";

type Graph = Pick<Flow, 'after' | 'text'>;

/** A map over items, some of which fail. */
function mapped(fails: string, setting?: string): Graph {
  const more = setting === undefined ? '' : `    ${setting}\n`;
  return {
    after: { first: [], each: ['first'], last: ['first', 'each'] },
    text:
      work('first', [], SHORT) +
      `  - id: each
    kind: map
    needs: [first]
    over: '{{ input.items }}'
    concurrency: 4
${more}    do: { kind: code, uses: ./work.mjs, with: { from: { first: '{{ nodes.first.output.token }}' }, item: '{{ item }}', ${SHORT}, ${fails} } }
` +
      work('last', ['each'], SHORT),
  };
}

/** A map of groups that wait, and rounds and branches beside it. */
function nested(): Graph {
  const given = `from: { first: '{{ nodes.first.output.token }}' }, ${SHORT}`;
  const code = (id: string, more: string): string => `{ id: ${id}, kind: code, uses: ./work.mjs, ${more} }`;
  return {
    after: {
      first: [],
      each: ['first'],
      rounds: ['first'],
      quickest: ['first'],
      chosen: ['first'],
      'each[].one': ['first'],
      'each[].two': ['first', 'each[].one'],
      'rounds[].turn': ['first'],
      'quickest.quick': ['first'],
      'chosen.odd': ['first'],
      'chosen.even': ['first'],
      last: ['first', 'each', 'rounds', 'quickest', 'chosen'],
    },
    text:
      work('first', [], SHORT) +
      `  - id: each
    kind: map
    needs: [first]
    over: '{{ input.items }}'
    concurrency: 4
    do:
      kind: group
      nodes:
        - ${code('one', `with: { ${given}, item: '{{ item }}' }`)}
        - { id: nap, kind: wait, needs: [one], for: '{{ input.ms * 40 }}' }
        - ${code('two', `needs: [nap, one], with: { ${given}, item: '{{ item }}', before: '{{ nodes.one.output.token }}' }`)}
  - id: rounds
    kind: repeat
    needs: [first]
    at_most: 5
    until: round = 5
    nodes:
      - ${code('turn', `with: { ${given}, before: '{{ previous.token }}' }`)}
  - id: quickest
    kind: race
    needs: [first]
    branches:
      - { id: slow, kind: wait, for: 1h }
      - ${code('quick', `with: { ${given} }`)}
  - id: chosen
    kind: switch
    needs: [first]
    cases:
      - ${code('odd', `when: '$floor(input.ms) % 2 = 1', with: { ${given} }`)}
      - ${code('even', `with: { ${given} }`)}
  - ${code('last', `needs: [each, rounds, quickest, chosen], with: { from: { each: '{{ nodes.each.output.token }}' }, ${SHORT} }`)}
`,
  };
}

/** Two agents, one of which fails and may. */
function agents(fails: string): Graph {
  return {
    after: { good: [], bad: [], end: ['good', 'bad'] },
    text:
      work('good', [], SHORT, ', role: good, label: Good') +
      work('bad', [], `${SHORT}, ${fails}`, ', role: bad, label: Bad, on_error: continue') +
      `  - { id: end, kind: code, uses: ./work.mjs, needs: [good, bad], with: { from: { good: '{{ nodes.good.output.token }}' }, ${SHORT} } }\n`,
  };
}

const ASKING: Graph = {
  after: { before: [], ask: ['before'], use: ['before', 'ask'] },
  text:
    work('before', [], SHORT) +
    `  - { id: ask, kind: ask, needs: [before], question: 'Which number?', answer: { type: integer } }\n` +
    `  - { id: use, kind: code, uses: ./work.mjs, needs: [ask], with: { from: { ask: '{{ nodes.ask.output }}' }, ${SHORT} } }\n`,
};

/** What is told reaches who waits already and who comes to wait, once, through whatever dies. */
const TOLD: Graph = {
  after: {
    early: [],
    before: [],
    tell: ['before'],
    again: ['before'],
    late: ['early', 'before', 'again'],
    use: ['early', 'before', 'again', 'late'],
  },
  text:
    `  - { id: early, kind: event, name: told, match: '{{ run.id }}' }\n` +
    work('before', [], SHORT) +
    `  - { id: tell, kind: emit, needs: [before], name: told, key: '{{ run.id }}', with: { token: '{{ nodes.before.output.token }}' } }\n` +
    `  - { id: again, kind: emit, needs: [before], name: told_again, key: '{{ run.id }}', with: { token: '{{ nodes.before.output.token }}' } }\n` +
    `  - { id: late, kind: event, needs: [early, again], name: told_again, match: '{{ run.id }}' }\n` +
    `  - { id: use, kind: code, uses: ./work.mjs, needs: [late], with: { from: { before: '{{ nodes.late.output.token }}' }, ${SHORT} } }\n`,
};

/**
 * What the run and those that it starts share covers two of them: 2 credits of its own, 1 of each of the two, and the
 * third would reserve 3.
 */
const SHARING: Graph = {
  after: {
    before: [],
    one: ['before'],
    two: ['before', 'one'],
    three: ['before', 'one', 'two'],
    done: ['before', 'one', 'two', 'three'],
  },
  text:
    work('before', [], SHORT) +
    `  - { id: one, kind: workflow, needs: [before], workflow: quick, with: { ms: '{{ input.ms }}' } }\n` +
    `  - { id: two, kind: workflow, needs: [one], workflow: quick, with: { ms: '{{ input.ms }}' } }\n` +
    `  - { id: three, kind: workflow, needs: [two], workflow: slow, with: { ms: 1 }, on_error: continue }\n` +
    `  - { id: done, kind: code, uses: ./work.mjs, needs: [two, three], with: { from: { two: '{{ nodes.two.output }}' }, ${SHORT} } }\n`,
};

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

const TIMED = ', timeout: 1s';
const FAILS = { status: 'failed', credits: 2, weight: 1, chance: RETRY } as const;
const COMPLETES = { status: 'completed', credits: 2, weight: 1, chance: rerun(null) } as const;

/** Handlers that hold their process, end it, or flood the server. */
const HARM: { readonly [id: string]: Flow } = {
  loops: { ...FAILS, ...harm('loop', TIMED) },
  hoards: { ...FAILS, ...harm('hoard', ', timeout: 20s') },
  exits: { ...FAILS, ...harm('exit', '') },
  never_ends: { ...FAILS, ...harm('never', TIMED) },
  throws_late: { ...COMPLETES, ...harm('throw_late', '') },
  floods: { ...COMPLETES, ...harm('flood', '') },
};

export const FLOWS: { readonly [id: string]: Flow } = { ...LOAD, ...HARM };
/** The workflows of the mixed load, and those that do harm. */
export const USUAL: readonly string[] = Object.keys(LOAD);
/** The workflow whose runs' times are measured. */
export const MEASURED = 'quick';

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
