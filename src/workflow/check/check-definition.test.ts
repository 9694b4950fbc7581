import { describe, expect, it } from 'vitest';
import type { NodeKind } from '../../core/handlers/node-kind.js';
import { checkDefinition } from './check-definition.js';

const execute = (): Promise<unknown> => Promise.resolve(null);
const code: NodeKind = {
  kind: 'code',
  description: '',
  fields: { uses: { description: '', schema: { type: 'string' }, required: true, role: 'handler' } },
  execute,
};
const http: NodeKind = {
  kind: 'http',
  description: '',
  fields: {},
  withSchema: {
    type: 'object',
    required: ['url'],
    properties: { url: { type: 'string' }, method: { enum: ['GET', 'POST'] }, headers: { type: 'object' } },
    additionalProperties: false,
  },
  execute,
};
const map: NodeKind = {
  kind: 'map',
  description: '',
  fields: {
    over: { description: '', schema: { type: 'array' }, required: true, role: 'template' },
    do: { description: '', schema: { type: 'object' }, required: true, role: 'node' },
    concurrency: { description: '', schema: { type: 'integer', minimum: 1 }, role: 'plain' },
  },
  execute,
};
const transform: NodeKind = { kind: 'transform', description: '', fields: {}, execute };
const kinds = new Map([code, http, map, transform].map((kind) => [kind.kind, kind]));

const head = { id: 'w', name: 'W', description: 'w' };

function check(definition: unknown): string[] {
  return checkDefinition({ definition, kinds }).map(({ path, message }) => `${path}: ${message}`);
}

function checkNodes(...nodes: unknown[]): string[] {
  return check({ ...head, nodes });
}

const a = { id: 'a', kind: 'transform' };

describe('the check of a definition', () => {
  it('refuses a charge that it does not know, or for agents where there are none', () => {
    expect(check({ ...head, charge: 'everything', nodes: [a] })).toEqual([
      'charge: must be result or completed_agents or use',
    ]);
    expect(check({ ...head, charge: 'completed_agents', nodes: [a] })).toEqual([
      'charge: charges for agents, and no node is one: give those that are a "role" and a "label"',
    ]);
    expect(check({ ...head, charge: 'result', nodes: [a] })).toEqual([]);
  });

  it('finds nothing wrong with a good one', () => {
    expect(
      check({
        ...head,
        credits: 25,
        charge: 'completed_agents',
        estimated_duration: '10-30 s',
        publish: false,
        input: { type: 'object', required: ['url'], properties: { url: { type: 'string', format: 'uri' } } },
        output: { type: 'object' },
        concurrency: 5,
        timeout: '5m',
        nodes: [
          { id: 'crawl', kind: 'code', uses: './agents/crawl.ts', with: { url: '{{ input.url }}' } },
          {
            id: 'links',
            kind: 'code',
            role: 'link-checker',
            label: 'Link Checker',
            uses: '../x.mjs#links',
            needs: ['crawl'],
            when: 'nodes.crawl.output.pages',
            with: { pages: '{{ nodes.crawl.output.pages }}' },
            retry: { attempts: 3, backoff: 'exponential', initial: '500ms', max: '10s' },
            timeout: '60s',
            on_error: 'continue',
          },
          {
            id: 'each',
            kind: 'map',
            needs: ['links'],
            over: '{{ nodes.crawl.output.pages }}',
            concurrency: 3,
            do: { kind: 'http', with: { url: '{{ item.url }}', headers: { n: '{{ index }}' } }, timeout: '5s' },
          },
        ],
        result: "{{ { 'score': $average(nodes.*.output.score), 'status': nodes.links.status } }}",
        summary: 'Found {{ $count(nodes.each.output) }}',
      }),
    ).toEqual([]);
  });

  it('tells everything at once', () => {
    const messages = check({
      id: 'My-Flow',
      nmae: 'x',
      description: '',
      credits: -1,
      publish: 'no',
      input: { type: 'strin' },
      timeout: 'soon',
      nodes: [
        { id: 'Crawl', kind: 'cod' },
        { id: 'b', kind: 'code', uses: 'x.ts', needs: ['c'], on_error: 'ignore', role: 'r' },
      ],
      result: '{{ 1 + }}',
    });
    expect(messages).toEqual([
      'id: must be lower-case letters, digits and _, starting with a letter',
      ': the required field "name" is missing',
      'description: must not be empty',
      'credits: must be a whole number, 0 or more',
      'publish: must be true or false, not a string',
      expect.stringMatching(/^input\.type: not a valid JSON Schema: fits none of .*"string"/),
      'timeout: must be a duration such as 500ms, 10s, 5m, 2h or 1d, or a number of milliseconds',
      'nmae: unknown field "nmae"; did you mean "name"?',
      'nodes[0].id: must be lower-case letters, digits and _, starting with a letter',
      'nodes[0].kind: no such node kind; there are code, http, map, transform; did you mean "code"?',
      'nodes[1].on_error: must be fail or continue or { use: … }',
      'nodes[1].uses: must name a function: ./file.ts or ./file.ts#export (.ts, .mts, .js or .mjs)',
      'nodes[1].role: an agent needs a "label" beside its "role"',
      'nodes[1].needs[0]: no node has this id',
      'result: bad expression: Unexpected end of expression (at character 5 of the expression)',
    ]);
  });

  it.each([null, 'text', 3, []])('refuses %j as a definition', (definition) => {
    expect(check(definition)).toHaveLength(1);
  });

  it('refuses a workflow without nodes', () => {
    expect(check({ ...head, nodes: [] })).toEqual(['nodes: a workflow needs at least one node']);
    expect(check({ ...head, nodes: { a } })).toEqual(['nodes: must be a list of nodes, not an object']);
    expect(check(head)).toEqual([': the required field "nodes" is missing']);
  });

  it('refuses nodes that are no objects, and ids that are there twice', () => {
    expect(checkNodes('a', a, { ...a })).toEqual([
      'nodes[0]: a node must be an object, not a string',
      'nodes[2].id: another node has this id already: nodes[1]',
    ]);
  });

  it('names cycles', () => {
    const messages = checkNodes(
      { ...a, needs: ['c'] },
      { id: 'b', kind: 'transform', needs: ['a'] },
      { id: 'c', kind: 'transform', needs: ['b'] },
      { id: 'd', kind: 'transform', needs: ['d', 'a'] },
    );
    expect(messages).toEqual([
      'nodes[0].needs: nodes need each other in a circle: a -> c -> b -> a',
      'nodes[3].needs: "d" needs itself',
    ]);
  });

  it('gives the offending value', () => {
    const [fault] = checkDefinition({ definition: { ...head, nodes: [{ ...a, needs: ['crwl'] }] }, kinds });
    expect(fault).toMatchObject({ path: 'nodes[0].needs[0]', at: ['nodes', 0, 'needs', 0], value: 'crwl' });
  });

  it('says what was meant in place of names that are not there, until there are very many', () => {
    const nodes = Array.from({ length: 400 }, (_, index) => ({ id: `some_node_${index}`, kind: 'transform' }));
    const needs = Array.from({ length: 50 }, (_, index) => `some_mode_${index}`);
    const faults = checkNodes(...nodes, { id: 'b', kind: 'transform', needs });
    expect(faults[0]).toBe('nodes[400].needs[0]: no node has this id; did you mean "some_node_0"?');
    expect(faults[49]).toBe('nodes[400].needs[49]: no node has this id');
  });

  it('checks needs', () => {
    expect(checkNodes(a, { id: 'b', kind: 'transform', needs: ['a', 'a', 1, 'aa'] })).toEqual([
      'nodes[1].needs[1]: is there twice',
      "nodes[1].needs[2]: must be a node's id, not a number",
      'nodes[1].needs[3]: no node has this id',
    ]);
    expect(checkNodes({ ...a, needs: 'b' })).toEqual(['nodes[0].needs: must be a list of node ids, not a string']);
    const many = Array.from({ length: 101 }, (_, index) => `missing${index}`);
    expect(checkNodes(a, { id: 'b', kind: 'transform', needs: many })).toEqual([
      'nodes[1].needs: names 101 nodes; there are 2',
    ]);
  });

  it('checks retries', () => {
    expect(checkNodes({ ...a, retry: { attempts: 0, backoff: 'expo', initial: '1 week', maxx: 1 } })).toEqual([
      'nodes[0].retry.attempts: must be a whole number, from 1 to 100',
      'nodes[0].retry.backoff: must be exponential or linear or fixed',
      'nodes[0].retry.initial: must be a duration such as 500ms, 10s, 5m, 2h or 1d, or a number of milliseconds',
      'nodes[0].retry.maxx: unknown field "maxx"; did you mean "max"?',
    ]);
    expect(checkNodes({ ...a, retry: 3, timeout: 0 })).toEqual([
      'nodes[0].retry: a retry policy must be an object, not a number',
      'nodes[0].timeout: must be at least 1 ms',
    ]);
  });

  it('checks which kinds of failures are tried again, joins and fallbacks', () => {
    const b = { id: 'b', kind: 'transform', needs: ['a'] };
    expect(checkNodes({ ...a, retry: { attempts: 2, on: ['http_503', 'mine', ''], except: 'x' } })).toEqual([
      'nodes[0].retry.on[0]: no node fails with this kind; there are http_2xx, http_3xx, http_4xx, http_429, http_5xx',
      'nodes[0].retry.on[2]: must be an error kind, not a string',
      'nodes[0].retry.except: must be a list of error kinds, such as [network, timeout, http_5xx]',
    ]);
    expect(checkNodes(a, { ...b, join: 'some' }, { ...a, id: 'c', join: 'any' })).toEqual([
      'nodes[1].join: must be all or any',
      'nodes[2].join: says which of the "needs" must not have been skipped, and there are none',
    ]);
    const use = { why: '{{ error.kind }}', a: '{{ nodes.a.output }}' };
    expect(checkNodes(a, { ...b, on_error: { use }, with: '{{ error }}' }, { ...b, id: 'c', on_error: {} })).toEqual([
      'nodes[1].with: looks up "error", but an expression sees only input, nodes, organization, run',
      'nodes[2].on_error: the required field "use" is missing',
    ]);
  });

  it('checks what a kind asks of "with", as far as it is known without a run', () => {
    expect(
      checkNodes(
        { id: 'x', kind: 'http', with: { urll: 'http://a', method: 'GTE', headers: '{{ input.headers }}' } },
        { id: 'y', kind: 'http', with: { url: '{{ input.url }}', method: '{{ input.method }}' } },
        { id: 'z', kind: 'http', with: '{{ input }}' },
        { id: 'v', kind: 'http' },
      ),
    ).toEqual([
      'nodes[0].with.url: the required property "url" is missing',
      'nodes[0].with.urll: unknown property "urll"; did you mean "url"?',
      'nodes[0].with.method: must be one of "GET", "POST", but is "GTE"',
      'nodes[3].with.url: the required property "url" is missing',
    ]);
  });

  it("checks a kind's own fields, and the node inside a node", () => {
    expect(
      checkNodes(
        { id: 'm', kind: 'map', over: 'x', do: { kind: 'map', over: [], do: {} }, concurrency: 0 },
        { id: 'n', kind: 'map', over: '{{ item }}', do: { id: 'q', kind: 'transform', needs: ['m'], extra: 1 } },
        { id: 'o', kind: 'map', do: { kind: 'code', with: '{{ item }}' } },
      ),
    ).toEqual([
      'nodes[0].over: must be array, but is a string ("x")',
      'nodes[0].do.do: the required field "kind" is missing',
      'nodes[0].concurrency: must be >= 1, but is 0',
      'nodes[1].over: "item" is there only for each item, inside a map\'s "do"',
      'nodes[1].do.id: "id" belongs to the node itself, not to what it does for each item',
      'nodes[1].do.needs: "needs" belongs to the node itself, not to what it does for each item',
      'nodes[1].do.extra: unknown field "extra"; the inner node has kind, with, retry, timeout, resource',
      'nodes[2]: the required field "over" is missing',
      'nodes[2].do: the required field "uses" is missing',
    ]);
  });

  it('checks the limits of a workflow', () => {
    const definition = { id: 'w', name: 'W', description: 'w', nodes: [{ id: 'a', kind: 'transform' }] };
    const faultsOf = (limits: unknown) =>
      checkDefinition({ definition: { ...definition, limits }, kinds }).map(
        ({ path, message }) => `${path}: ${message}`,
      );
    expect(faultsOf({ runs: 2, nodes: 1 })).toEqual([]);
    expect(faultsOf({ runs: 0, node: 1 })).toEqual([
      'limits.runs: must be a whole number, from 1 to 1000000',
      'limits.node: unknown field "node"; did you mean "nodes"?',
    ]);
  });

  it('tells a lone label from an agent', () => {
    expect(checkNodes({ ...a, label: 'A' })).toEqual([
      'nodes[0].label: a "label" is for agents, which have a "role" too',
    ]);
  });
});

describe('the check of expressions', () => {
  const withExpression = (expression: string, needs: string[] = ['b']): string[] =>
    checkNodes(
      a,
      { id: 'b', kind: 'transform', needs: ['a'] },
      { id: 'other', kind: 'transform' },
      { id: 'c', kind: 'transform', needs, with: `{{ ${expression} }}` },
    );

  it.each([
    'nodes.a.output.x + nodes.b.output.x',
    '$count(nodes.b.output.list[x > 3].{"y": z})',
    'nodes.(a.output & b.findings)',
    '$lookup(nodes, "b").output',
    '$$.nodes.a.status',
    '$map(input.list, function($v) { $v.other + nodes.a.output })',
    'nodes.b.output.pages{url: $sum(size)}',
    'nodes.b.output.pages^(>size).url',
    'run.id & organization.name',
    'nodes.b.error.message',
    'input.items ~> |$|{"x": y}|',
  ])('has nothing against %s', (expression) => {
    expect(withExpression(expression)).toEqual([]);
  });

  it.each([
    ['nodes.crwl.output', 'reads the node "crwl", which does not exist'],
    ['nodes.c.output', 'reads its own node "c", which has not run by then'],
    [
      'nodes.other.output',
      'reads the node "other", which may not have ended by then; add "other" to the needs of this node',
    ],
    [
      'input.list[x = $$.nodes.other.output]',
      'reads the node "other", which may not have ended by then; add "other" to the needs of this node',
    ],
    [
      'nodes.(a.output & other.output)',
      'reads the node "other", which may not have ended by then; add "other" to the needs of this node',
    ],
    ['$lookup(nodes, "zzz")', 'reads the node "zzz", which does not exist'],
    [
      'nodes.a.score',
      'reads "score" of a node, which has only output, status, error, findings; did you mean "output.score"?',
    ],
    [
      'nodes.a.outptu.x',
      'reads "outptu" of a node, which has only output, status, error, findings; did you mean "output"?',
    ],
    [
      'inptu.url',
      'looks up "inptu", but an expression sees only input, nodes, organization, run; did you mean "input"?',
    ],
    ['b.output', 'looks up "b", which is a node; did you mean "nodes.b.output"?'],
    ['input.x-input', 'subtracts "input" from "input.x"; a name with a dash is written in backticks: input.`x-input`'],
    [
      'input.user.first-nodes & "!"',
      'subtracts "nodes" from "input.user.first"; a name with a dash is written in backticks: input.user.`first-nodes`',
    ],
    ['item.url', '"item" is there only for each item, inside a map\'s "do"'],
    [
      '$sum(nodes.*.output.x)',
      'reads every node (nodes.*), but "other" may or may not have ended by then; name the nodes, or add "other" to needs',
    ],
  ])('refuses %s', (expression, message) => {
    expect(withExpression(expression)).toEqual([`nodes[3].with: ${message}`]);
  });

  it('lets a node that needs all others read them all', () => {
    expect(withExpression('$sum(nodes.*.output.x)', ['b', 'other'])).toEqual([]);
  });

  it('looks into conditions, inner nodes, results and summaries', () => {
    expect(
      check({
        ...head,
        nodes: [
          a,
          { id: 'b', kind: 'transform', when: 'nodes.a.output > 1' },
          {
            id: 'm',
            kind: 'map',
            over: '{{ nodes.a.output }}',
            do: { kind: 'transform', with: ['{{ nodes.b.output & item }}'] },
          },
        ],
        result: { x: '{{ nodes.q.output }}' },
        summary: '{{ nodes.a.ouput }}',
      }),
    ).toEqual([
      'nodes[1].when: reads the node "a", which may not have ended by then; add "a" to the needs of this node',
      'nodes[2].over: reads the node "a", which may not have ended by then; add "a" to the needs of this node',
      'nodes[2].do.with[0]: reads the node "b", which may not have ended by then; add "b" to the needs of this node',
      'result.x: reads the node "q", which does not exist',
      'summary: reads "ouput" of a node, which has only output, status, error, findings; did you mean "output"?',
    ]);
  });
});
