import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { ProcessIsolation } from '../../isolation/process-isolation.js';
import type { ExpressionScope } from '../plan/plan.js';
import { compileTemplate, parseCondition } from './template.js';

const isolation = new ProcessIsolation({ timeMs: 5_000 });
afterAll(() => isolation.close());

const scope: ExpressionScope = {
  input: { list: Array.from({ length: 30 }, (_, index) => index) },
  nodes: {},
  organization: { id: 'o1', name: 'Acme' },
  run: { id: 'r1', workflowId: 'w', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' },
};
const AT = Date.UTC(2026, 4, 6, 7, 8, 9);

async function evaluate(template: Json, seed: string, at = AT): Promise<Json> {
  return compileTemplate(template, isolation).evaluate(scope, { seed, at });
}

/** Some are computed here, some in processes. */
const EXPRESSIONS = [
  '$random()',
  '$uuid()',
  '$shuffle(input.list)',
  '$map(input.list, function($v) { $random() })',
  '$sort(input.list, function($a, $b) { $random() > 0.5 })',
  '$eval("$random()")',
  '[$millis(), $random()]',
];

describe('an expression that asks for chance', () => {
  it.each(EXPRESSIONS)('comes to the same with the same seed: %s', async (source) => {
    const values = [await evaluate(`{{ ${source} }}`, 'a'), await evaluate(`{{ ${source} }}`, 'a')];
    expect(values[0]).toEqual(values[1]);
    expect(await evaluate(`{{ ${source} }}`, 'b')).not.toEqual(values[0]);
    expect(await evaluate(`{{ ${source} }}`, 'a', AT + 1)).not.toEqual(values[0]);
    expect(compileTemplate(`{{ ${source} }}`).volatile).toBe(true);
  });

  it('comes to something else in each place of a template', async () => {
    const { a, b } = (await evaluate({ a: ['{{ $random() }}'], b: '{{ $random() }}{{ $random() }}' }, 's')) as {
      readonly a: readonly number[];
      readonly b: string;
    };
    const [first, second] = b.split('0.').filter((part) => part !== '');
    expect(new Set([String(a[0]).slice(2), first, second]).size).toBe(3);
  });

  it('gives numbers that spread over all there are, and lists with what was in them', async () => {
    const many = (await evaluate('{{ [1..5000].$random() }}', 's')) as readonly number[];
    expect(many.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(many).size).toBe(5_000);
    const mean = many.reduce((sum, value) => sum + value, 0) / many.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    const shuffled = (await evaluate('{{ $shuffle(input.list) }}', 's')) as readonly number[];
    expect(shuffled.toSorted((one, other) => one - other)).toEqual((scope.input as { list: Json }).list);
    expect(await evaluate('{{ $uuid() }}', 's')).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
  });

  it('takes it from the present moment where nothing fixes it', async () => {
    const value = await compileTemplate('{{ $millis() }}').evaluate(scope);
    expect(Math.abs(Number(value) - Date.now())).toBeLessThan(60_000);
  });
});

describe('an expression that asks for time', () => {
  it.each([
    ['$now()', '2026-05-06T07:08:09.000Z'],
    ['$now("[Y]/[M]/[D] [H#1]", "+0100")', '2026/5/6 8'],
    ['$millis()', AT],
    ['($f := $now; $f())', '2026-05-06T07:08:09.000Z'],
    ['$toMillis("10:30", "[H]:[m]")', Date.UTC(2026, 4, 6, 10, 30)],
    ['$toMillis("2020-01-01")', Date.UTC(2020, 0, 1)],
    ['$eval("$fromMillis($millis())")', '2026-05-06T07:08:09.000Z'],
  ])('is given the moment that is fixed: %s', async (source, expected) => {
    expect(await evaluate(`{{ ${source} }}`, 's')).toEqual(expected);
    expect(await compileTemplate(`{{ ${source} }}`).evaluate(scope, { seed: 's', at: AT })).toEqual(expected);
  });
});

it.each([
  ['{{ input.now }}', false],
  ['{{ $sum(input.list) }}', false],
  ['{{ "$random()" }}', false],
  ['{{ $toMillis(input.a) }}', false],
  ['{{ $toMillis(input.a, "[Y]-[M]") }}', false],
  ['{{ $toMillis(input.a, "[H]:[m]") }}', true],
  ['{{ ($r := $random; $r()) }}', true],
  ['{{ $map(input.list, $eval) }}', true],
])('whether a template may come to another value is known beforehand: %s', (text, expected) => {
  expect(compileTemplate({ a: [text] }).volatile).toBe(expected);
  expect(parseCondition(text).template.volatile).toBe(expected);
});
