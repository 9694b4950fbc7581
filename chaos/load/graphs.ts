/** A node that runs work.mjs and hands on what the nodes it needs came to. */
export function work(id: string, needs: readonly string[], config: string, more = ''): string {
  const from = needs.map((need) => `${need}: '{{ nodes.${need}.output.token }}'`).join(', ');
  return `  - { id: ${id}, kind: code, uses: ./work.mjs, needs: [${needs.join(', ')}], with: { from: { ${from} }, ${config} }${more} }\n`;
}

export const SHORT = "ms: '{{ input.ms }}'";

/** What each node comes after, near and far, and the nodes as the workflow's file has them. */
export interface Graph {
  readonly after: { readonly [nodeId: string]: readonly string[] };
  readonly text: string;
}

/** A map over the items of the input, without what it does with each. */
const EACH = `  - id: each
    kind: map
    needs: [first]
    over: '{{ input.items }}'
    concurrency: 4
`;

/** A map over items, some of which fail. */
export function mapped(fails: string, setting?: string): Graph {
  const more = setting === undefined ? '' : `    ${setting}\n`;
  return {
    after: { first: [], each: ['first'], last: ['first', 'each'] },
    text:
      work('first', [], SHORT) +
      `${EACH}${more}    do: { kind: code, uses: ./work.mjs, with: { from: { first: '{{ nodes.first.output.token }}' }, item: '{{ item }}', ${SHORT}, ${fails} } }
` +
      work('last', ['each'], SHORT),
  };
}

/** A map of groups that wait, and rounds and branches beside it. */
export function nested(): Graph {
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
      `${EACH}    do:
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
export function agents(fails: string): Graph {
  return {
    after: { good: [], bad: [], end: ['good', 'bad'] },
    text:
      work('good', [], SHORT, ', role: good, label: Good') +
      work('bad', [], `${SHORT}, ${fails}`, ', role: bad, label: Bad, on_error: continue') +
      `  - { id: end, kind: code, uses: ./work.mjs, needs: [good, bad], with: { from: { good: '{{ nodes.good.output.token }}' }, ${SHORT} } }\n`,
  };
}

export const ASKING: Graph = {
  after: { before: [], ask: ['before'], use: ['before', 'ask'] },
  text:
    work('before', [], SHORT) +
    `  - { id: ask, kind: ask, needs: [before], question: 'Which number?', answer: { type: integer } }\n` +
    `  - { id: use, kind: code, uses: ./work.mjs, needs: [ask], with: { from: { ask: '{{ nodes.ask.output }}' }, ${SHORT} } }\n`,
};

/** What is told reaches who waits already and who comes to wait, once, through whatever dies. */
export const TOLD: Graph = {
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

/** The name of the events that callers send. */
export const AWAITED = 'from_outside';

/** What a caller sends reaches it once, early or late. */
export const AWAITING: Graph = {
  after: { before: [], heard: ['before'], use: ['before', 'heard'] },
  text:
    work('before', [], SHORT) +
    `  - { id: heard, kind: event, needs: [before], name: ${AWAITED}, match: '{{ run.id }}' }\n` +
    `  - { id: use, kind: code, uses: ./work.mjs, needs: [heard], with: { from: { heard: '{{ nodes.heard.output }}' }, ${SHORT} } }\n`,
};

/**
 * What the run and those that it starts share covers two of them: 2 credits of its own, 1 of each of the two, and the
 * third would reserve 3.
 */
export const SHARING: Graph = {
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
