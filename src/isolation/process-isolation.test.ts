import { assert, asyncProperty, constantFrom, dictionary, jsonValue, record } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '../core/json.js';
import { parseJson } from '../core/text/parse-json.js';
import { compileExpression } from '../workflow/template/expression.js';
import { parseSource } from '../workflow/parse-source.js';
import { compileDefaults, isolateFill } from '../workflow/schema/fill-defaults.js';
import { compileJsonata } from '../workflow/template/jsonata.js';
import { ProcessIsolation } from './process-isolation.js';
import { threadTime } from '../../test/support/thread-time.mjs';

const isolation = new ProcessIsolation({ timeMs: 1_000 });
/** For expressions that compute much, on a slow machine, too. */
const patient = new ProcessIsolation({ timeMs: 30_000 });
afterAll(() => {
  isolation.close();
  patient.close();
});

async function evaluate(source: string, input: Json): Promise<Json | undefined> {
  return compileExpression(source, isolation).evaluate({
    input,
    nodes: {},
    organization: { id: 'o1', name: 'Acme' },
    run: { id: 'r1', workflowId: 'w', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' },
  });
}

const SOURCES = [
  '$map(a, function($v) { $v })',
  '$filter(a, function($v, $i) { $i > 0 })',
  '$reduce(a, $append)',
  '$sort(a)',
  'a^(>b)',
  '$distinct(a)',
  '$split(b, /[ae]+/)',
  '$replace(b, /(.)(.)/, "$2$1")',
  '$match(b, /\\w+/)',
  '$merge(a)',
  '$each(c, function($v, $k) { $k & $string($v) })',
  '$join($keys(c), ",")',
  '**.a',
  'a{$string(b): $count(c)}',
  '$string($)',
  '[1..5].($ * 2)',
  '$zip(a, a)',
  '$spread(c)',
  '$formatNumber($length(b), "#,##0.00")',
  '$parseJson($string(a))',
  '$eval("a.b", c)',
  '$pad(b, 12, "ab")',
  '$error("no")',
  '$nope(1)',
  'c.(a + 1)',
];

describe('an expression in isolation', () => {
  it('comes to all the items that a map may have, though they are long', async () => {
    const source = '[1..100000].{ "id": $, "name": "item " & $ }';
    const items = Array.from({ length: 100_000 }, (_, index) => ({ id: index + 1, name: `item ${index + 1}` }));
    expect(await patient.evaluate({ source, scope: {}, organizationId: 'o1' })).toEqual({ status: 'ok', value: items });
  }, 60_000);

  it('reads a scope of many long texts', async () => {
    const texts = ['ab', '漢', '\u{1F600}', '"\\', '\uD83D'].map((unit) => unit.repeat(4_000_000 / unit.length));
    const evaluated = await patient.evaluate({
      source: '$map(texts, function($text) { $substringBefore($text, "!") & $length($text) })',
      scope: { texts: texts.map((text) => `!${text}`) },
      organizationId: 'o1',
    });
    expect(evaluated).toEqual({ status: 'ok', value: ['4000001', '4000001', '2000001', '4000001', '4000001'] });
  }, 60_000);

  it('fails where its value holds more values than the server can read at once', async () => {
    expect(await patient.evaluate({ source: '[1..400000]', scope: {}, organizationId: 'o1' })).toEqual({
      status: 'failed',
      message:
        'its value holds more than 400000 values, each in a list or an object, and each 100 characters of text, being one',
    });
    const most = await patient.evaluate({ source: '[1..399999]', scope: {}, organizationId: 'o1' });
    expect(most).toMatchObject({ status: 'ok', value: { length: 399_999 } });
  }, 60_000);

  it('comes to what it comes to in this process', async () => {
    const value = jsonValue({ maxDepth: 3 });
    const scopes = record(
      { a: value, b: value, c: dictionary(constantFrom('a', 'b', 'c'), value) },
      { requiredKeys: [] },
    );
    await assert(
      asyncProperty(constantFrom(...SOURCES), scopes, async (source, given) => {
        const scope = JSON.parse(JSON.stringify(given)) as Json;
        const here = await compileJsonata(source).evaluate(scope);
        expect(await isolation.evaluate({ source, scope, organizationId: 'o1' })).toEqual(here);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['$contains(input.t, /^(?=(a+)+$)b/)', { t: `${'a'.repeat(40)}!` }, /longer than 1000 ms/],
    ['$toMillis(input.t, "[f1][f1][f1][f1][f1]")', { t: `${'1'.repeat(4_000)}x` }, /longer than 1000 ms/],
    ['($f := function($n) { $f($n + 1) }; $f(0))', {}, /timeout after 1000 milliseconds/],
    ['$count($reduce([1..input.n], $append))', { n: 40_000 }, /longer than 1000 ms|timeout after 1000/],
    ['$pad("x", input.n)', { n: 500_000_000 }, /\$pad\(\) to a width of 500000000/],
    ['$join([1..10000].("x"), $pad("", 1000000))', {}, /memory|Invalid string length/],
    ['$pad("x", 8000000) & $pad("y", 8000000)', {}, /characters of JSON; at most|longer than 1000 ms/],
  ])('fails when it takes too much: %s', async (source, input, told) => {
    await expect(evaluate(source, input)).rejects.toMatchObject({
      kind: 'invalid_expression',
      retryable: false,
      message: expect.stringMatching(told) as string,
    });
    // What comes after it is served as before.
    expect(await evaluate('$map([1, 2], function($v) { $v + 1 })', {})).toEqual([2, 3]);
  });

  it('leaves the event loop free', async () => {
    const people = Array.from({ length: 20_000 }, (_, id) => ({ id }));
    // What other processes take away is not counted, where the system tells.
    const spent = threadTime() ?? (() => performance.now());
    let longest = 0;
    let [last, spentBefore] = [performance.now(), spent()];
    const watch = setInterval(() => {
      longest = Math.max(longest, Math.min(performance.now() - last, spent() - spentBefore));
      [last, spentBefore] = [performance.now(), spent()];
    }, 2);
    await expect(evaluate('$count($distinct(input.people))', { people })).rejects.toMatchObject({
      kind: 'invalid_expression',
    });
    clearInterval(watch);
    expect(longest).toBeLessThan(500);
  });

  it('sees nothing of the environment of the server', async () => {
    process.env['ERRAND_TEST_SECRET'] = 'secret';
    expect(await evaluate('$string(process.env)', {})).toBeUndefined();
    delete process.env['ERRAND_TEST_SECRET'];
  });
});

describe('a text that is read in isolation', () => {
  it.each([
    ['{"a":[1,{"b":"\u{1F600}"}],"__proto__":{"c":null}}'],
    [`[${'{"a":1},'.repeat(30_000)}0]`],
    [`"${'x'.repeat(2_000_000)}"`],
    ['{"a":'],
    ['[12345678901234567890]'],
    [`${'['.repeat(200)}${']'.repeat(200)}`],
  ])('comes to what it comes to in this process', async (text) => {
    const here = parseJson(text, { maxDepth: 100 });
    const there = await isolation.parse({ text, maxDepth: 100, organizationId: 'o1' });
    const expected = here.kind === 'json' ? here : { kind: here.kind, reason: here.reason, message: here.message };
    expect(JSON.stringify(there) === JSON.stringify(expected)).toBe(true);
    const pieces = [text.slice(0, 3), text.slice(3, 100), text.slice(100)];
    const again = await isolation.parse({ text: pieces, maxDepth: 100, organizationId: 'o1' });
    expect(JSON.stringify(again) === JSON.stringify(expected)).toBe(true);
  });

  it.each([
    ['a: 1\nb: [x, { c: 2026-11-28 }]\n', 'yaml'],
    ['a: 1\na: 2\nb: {{ x }}\n', 'yaml'],
    ['n: 12345678901234567890', 'yaml'],
    ['', 'yaml'],
    ['{"a": 1,}', 'json'],
  ] as const)('comes to what it comes to in this process as a source: %j', async (text, format) => {
    const { value, faults } = parseSource({ text, format });
    expect(await isolation.readSource({ text, format })).toEqual({ value, faults });
  });
});

describe('defaults that are filled in in isolation', () => {
  const schema = { items: { properties: { x: { default: Array.from({ length: 500 }, () => 1) } } } };

  it('come to what they come to in this process', async () => {
    const value = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? {} : { x: index }));
    expect(await isolation.fillDefaults({ schema, value })).toEqual(compileDefaults(schema)(value));
  });

  it('are refused where they come to too much', async () => {
    const value = Array.from({ length: 5_000 }, () => ({}));
    await expect(isolateFill(schema, isolation)(value)).rejects.toMatchObject({
      code: 'payload_too_large',
      message: expect.stringMatching(/With the defaults of its schema, the input is 50\d+ characters/) as string,
    });
  });
});

describe('a check in isolation', () => {
  it('finds what is wrong with a value', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer' } } };
    expect(await isolation.check({ schema, value: '{"n":1}' })).toEqual([]);
    expect(await isolation.check({ schema, value: '{"n":"x"}' })).toEqual([
      { path: '/n', message: 'must be integer, but is a string ("x")' },
    ]);
    const pieces = ['{"t":"', ...Array.from({ length: 20 }, () => '漢'.repeat(400_000)), '","n":1.5}'];
    expect((await isolation.check({ schema, value: pieces }))[0]).toMatchObject({ path: '/n' });
  });
});
