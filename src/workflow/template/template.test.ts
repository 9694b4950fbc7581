import { array, assert, asyncProperty, constantFrom, dictionary, jsonValue, letrec, oneof } from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { ExpressionScope } from '../plan/plan.js';
import { isTruthy } from './expression.js';
import { toPlainJson } from '../schema/plain-json.js';
import { compileTemplate, parseCondition, parseTemplate } from './template.js';

const scope: ExpressionScope = {
  input: {
    url: 'http://site.test/',
    tags: ['a', 'b'],
    none: [],
    nested: [[1]],
    people: [{ n: 1 }, { n: [2, 3] }],
    nil: null,
  },
  nodes: {
    crawl: { status: 'completed', output: { pages: [{ url: '/a' }, { url: '/b' }] }, error: null, findings: null },
    links: { status: 'completed', output: { score: 80 }, error: null, findings: 'ok' },
    seo: { status: 'completed', output: { score: 60 }, error: null, findings: null },
    broken: { status: 'failed', error: { kind: 'error', message: 'no' }, findings: null },
  },
  organization: { id: 'o1', name: 'Acme' },
  run: { id: 'r1', workflowId: 'w', workflowVersion: 3, createdAt: '2026-01-01T00:00:00.000Z' },
};

async function evaluate(value: Json, within: ExpressionScope = scope): Promise<Json> {
  return compileTemplate(value).evaluate(within);
}

async function failureOf(value: Json): Promise<NodeFailure> {
  try {
    await evaluate(value);
  } catch (thrown) {
    if (thrown instanceof NodeFailure) return thrown;
    throw thrown;
  }
  throw new Error('it did not fail');
}

describe('a template', () => {
  it('keeps the type of a string that is one expression', async () => {
    expect(await evaluate('{{ input.tags }}')).toEqual(['a', 'b']);
    expect(await evaluate('{{ run.workflowVersion }}')).toBe(3);
    expect(await evaluate('  {{ run.workflowVersion + 1 }}\n')).toBe(4);
  });

  it('joins embedded expressions into text: strings as they are, others as JSON, nothing as empty', async () => {
    expect(await evaluate('go to {{ input.url }}: {{ input.tags }}{{ input.missing }}{{ input.nil }}!')).toBe(
      'go to http://site.test/: ["a","b"]!',
    );
  });

  it('makes null of what is missing', async () => {
    expect(
      await evaluate({ a: '{{ input.missing }}', b: ['{{ nodes.broken.output.x }}'], c: '{{ $sum(input.zz) }}' }),
    ).toEqual({ a: null, b: [null], c: null });
  });

  it('evaluates in any depth and leaves the rest alone', async () => {
    const value = { a: [{ b: '{{ input.url }}' }, 1, null], c: { d: 'plain' } };
    expect(await evaluate(value)).toEqual({ a: [{ b: 'http://site.test/' }, 1, null], c: { d: 'plain' } });
  });

  it('is constant, and the very value, when it holds no expression', () => {
    const value = { a: [1, 'x', '{ not one }'] };
    const template = compileTemplate(value);
    expect(template.constant).toBe(true);
    expect(template.evaluate(scope)).toBe(value);
  });

  it('needs no promise for plain paths', () => {
    expect(compileTemplate({ u: '{{ input.url }}', p: 'at {{nodes.crawl.output.pages}}' }).evaluate(scope)).toEqual({
      u: 'http://site.test/',
      p: 'at [{"url":"/a"},{"url":"/b"}]',
    });
  });

  it.each([
    ["{{ {'a': {'b': 1}} }}", { a: { b: 1 } }],
    ["{{ {'a': {'b': 1}}}}", { a: { b: 1 } }],
    ["{{ '}}' }}", '}}'],
    ['{{ "{{" }}', '{{'],
    ['{{ "say \\"}}\\"" }}', 'say "}}"'],
    ['{{ /* }} */ 1 }}', 1],
    ['{{ $replace(input.url, /[\\/"]{2}si(te|de)/, "") }}', 'http:.test/'],
    ['{{ 6 / 2 / 3 }} of {{ 8 / 4 }}', '1 of 2'],
    ['{{ (run.workflowVersion)/3 }}', 1],
    ['a { b } }} c {{ 1 }}', 'a { b } }} c 1'],
  ])('reads %s', async (text, expected) => {
    expect(await evaluate(text)).toEqual(expected);
  });

  it('gives plain JSON where JSONata gives sequences', async () => {
    const value = await evaluate('{{ nodes.*.output.score }}');
    expect(value).toEqual([80, 60]);
    expect(Object.keys(value as object)).toEqual(['0', '1']);
    expect(await evaluate("{{ { 'score': $average(nodes.*.output.score) } }}")).toEqual({ score: 70 });
    expect(await evaluate('{{ input.people.n }}')).toEqual([1, 2, 3]);
  });

  it('sees item and index in a map', async () => {
    expect(
      await evaluate({ i: '{{ index }}', u: '{{ item.url }}' }, { ...scope, item: { url: '/x' }, index: 4 }),
    ).toEqual({
      i: 4,
      u: '/x',
    });
  });

  it('finds along a plain path what JSONata finds', async () => {
    const steps = constantFrom('a', 'b', 'c');
    const tree = letrec<{ tree: Json }>((tie) => ({
      tree: oneof(
        { maxDepth: 4 },
        constantFrom<Json[]>(null, 0, 1, '', 'x', false, true),
        array(tie('tree'), { maxLength: 3 }),
        dictionary(steps, tie('tree'), { maxKeys: 3 }),
      ),
    })).tree;
    await assert(
      asyncProperty(tree, array(steps, { maxLength: 4 }), async (input, path) => {
        const source = ['input', ...path].join('.');
        const found: unknown = await jsonata(source).evaluate({ ...scope, input });
        expect(await evaluate(`{{ ${source} }}`, { ...scope, input })).toEqual(toPlainJson(found));
      }),
      { numRuns: 500 },
    );
  });

  it('tells every bad expression, with place and position', () => {
    const { faults } = parseTemplate({ a: ['{{ 1 + }}', 'ok {{ input.url }}'], b: '{{ open', c: 'x {{ }}' });
    expect(faults.map(({ path, message }) => ({ path, message }))).toEqual([
      { path: ['a', 0], message: 'bad expression: Unexpected end of expression (at character 5 of the expression)' },
      { path: ['b'], message: 'an expression that opens with {{ is never closed with }}' },
      { path: ['c'], message: 'bad expression: the expression is empty' },
    ]);
    expect(() => compileTemplate('{{ 1 + }}')).toThrow(/Unexpected end of expression/);
  });

  it('fails with the expression when it cannot be evaluated', async () => {
    const failure = await failureOf('{{ $uppercase(5) }}');
    expect(failure).toMatchObject({ kind: 'invalid_expression', retryable: false });
    expect(failure.message).toContain('{{ $uppercase(5) }}');
  });

  it.each([
    ['a function', '{{ $sum }}', /function/],
    ['a regular expression', '{{ /x/ }}', /function/],
    ['an infinite number', '{{ {"a": 1/0} }}', /a is Infinity/],
  ])('refuses %s as a value', async (_, text, message) => {
    const failure = await failureOf(text);
    expect(failure.kind).toBe('invalid_expression');
    expect(failure.message).toMatch(message);
  });

  it('stops expressions that recurse or loop without end', async () => {
    const deep = await failureOf('{{ ($f := function($n) { 1 + $f($n) }; $f(1)) }}');
    // Whichever guard a machine gets to first.
    expect(deep.message).toMatch(/Stack overflow|timeout after 2000 milliseconds/);
    const endless = await failureOf('{{ ($f := function($n) { $f($n) }; $f(1)) }}');
    expect(endless.message).toMatch(/timeout after 2000 milliseconds/);
    const long = await failureOf('{{ [1..9000000] ~> $map(function($x) { $x }) }}');
    expect(long.kind).toBe('invalid_expression');
  });

  it('works on wide data without mistaking it for recursion', async () => {
    const input = Array.from({ length: 5_000 }, (_, index) => ({ id: `k${index}`, x: index }));
    const grouped = await evaluate('{{ input{id: $sum(x)} }}', { ...scope, input });
    expect(Object.keys(grouped as object)).toHaveLength(5_000);
  });

  it('keeps a field named __proto__ a field', async () => {
    const value = JSON.parse('{"__proto__": "{{ input.url }}"}') as Json;
    const result = await evaluate(value);
    expect(Object.entries(result as object)).toEqual([['__proto__', 'http://site.test/']]);
  });
});

describe('a name that every object inherits', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is found only where it is', async (name) => {
    const within = { ...scope, input: JSON.parse(`{"a":{},"has":{"${name}":1}}`) as Json };
    for (const source of [
      `input.a.${name}`,
      `input.a.\`${name}\``,
      `$lookup(input.a, "${name}")`,
      `input.a[${name}]`,
      `$keys(input.a)`,
      `input.a.*`,
      `$string(input.a.${name}.name)`,
    ]) {
      expect([source, await evaluate(`{{ ${source} }}`, within)]).toEqual([source, null]);
    }
    expect(await evaluate(`{{ input.has.${name} }}`, within)).toBe(1);
    expect(await evaluate(`{{ $lookup(input.has, "${name}") + 1 }}`, within)).toBe(2);
    expect(JSON.stringify(await evaluate('{{ input.has }}', within))).toBe(`{"${name}":1}`);
  });
});

describe('a condition', () => {
  it.each([
    ['input.tags', true],
    ['{{ input.tags }}', true],
    ['input.none', false],
    ['input.missing', false],
    ['run.workflowVersion > 2 and $count(input.tags) = 2', true],
    ["{{ nodes.broken.status = 'completed' }}", false],
  ])('%s', async (text, expected) => {
    const { template, faults } = parseCondition(text);
    expect(faults).toEqual([]);
    expect(await template.evaluate(scope)).toBe(expected);
  });

  it('is not text around expressions', () => {
    expect(parseCondition('{{ input.a }} and {{ input.b }}').faults).toHaveLength(1);
  });

  it('holds for what JSONata takes as true', async () => {
    await assert(
      asyncProperty(jsonValue(), async (value) => {
        const expected: unknown = await jsonata('$boolean(x)').evaluate({ x: value });
        expect(isTruthy(value as Json)).toBe(expected);
      }),
    );
  });
});

describe('functions of its own', () => {
  it('read JSON in text, and tell what is not JSON', async () => {
    const text = { ...scope, input: { text: '{"a": [1, {"b": null}]}', bad: '{"a": ' } };
    expect(await evaluate('{{ $parseJson(input.text).a[0] }}', text)).toBe(1);
    expect(await evaluate('{{ $parseJson(input.missing) }}', text)).toBeNull();
    await expect(evaluate('{{ $parseJson(input.bad) }}', text)).rejects.toMatchObject({
      kind: 'invalid_expression',
      message: expect.stringContaining('$parseJson() was given a text that is not JSON') as string,
    });
  });

  it('let an expression in a text see nothing but what it is given', async () => {
    const text = { ...scope, input: { secret: 'hush', given: { a: 2 } } };
    expect(await evaluate('{{ $eval("a + 1", input.given) }}', text)).toBe(3);
    expect(await evaluate('{{ $eval("[1, 2]") }}', text)).toEqual([1, 2]);
    for (const source of ['input.secret', '$$.input.secret', '$', '$mine', '$$']) {
      expect(await evaluate(`{{ ($mine := input.secret; $eval("${source}")) }}`, text)).toBeNull();
    }
  });

  it('pad text as JSONata does, up to a size', async () => {
    const pad = async (call: string): Promise<Json> => evaluate(`{{ ${call} }}`);
    expect(await pad('$pad("ab", 5)')).toBe('ab   ');
    expect(await pad('$pad("ab", -5, "#")')).toBe('###ab');
    expect(await pad('$pad("😀", 4, "12")')).toBe('😀121');
    expect(await pad('$pad("abc", 2)')).toBe('abc');
    await expect(pad('$pad("a", 1000000000)')).rejects.toThrow('would give more than 8388608 characters');
  });
});
