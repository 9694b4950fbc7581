import { array, asyncProperty, assert, constantFrom, letrec, oneof, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonata } from './jsonata.js';
import { findReads, takeReads } from './reads.js';

const scope = {
  input: { a: [1, 2, { b: 3, c: [4] }], b: { a: 'x', b: null }, c: 'text', __proto__x: 1 },
  nodes: {
    a: { status: 'completed', output: { b: [{ c: 1, a: 2 }, { c: 3 }] } },
    b: { status: 'failed', error: { kind: 'k', message: 'm' } },
  },
  run: { id: 'r', c: [[{ a: 1 }, { a: 2 }], { a: [3] }] },
};

const { expression } = letrec<{ expression: string; path: string; step: string }>((tie) => ({
  path: tuple(
    constantFrom('input', 'nodes', 'run', '$', '$$', 'input.a', 'nodes.a.output', 'nodes.*', '**', '$x'),
    array(tie('step'), { maxLength: 3 }),
  ).map(([root, steps]) => [root, ...steps].join('')),
  step: oneof(
    {
      weight: 6,
      arbitrary: constantFrom('.a', '.b', '.c', '.output', '.*', '.$', '.$$', '[0]', '[]', '[-1]', '.%', '#$i', '@$x'),
    },
    { weight: 1, arbitrary: tie('expression').map((inner) => `[${inner}]`) },
    { weight: 1, arbitrary: tie('expression').map((inner) => `.(${inner})`) },
    { weight: 1, arbitrary: tie('expression').map((inner) => `.{"k": ${inner}, "n": a}`) },
    {
      weight: 1,
      arbitrary: constantFrom('{a: b}', '^(a)', '.$string()', '.$keys()', '.$count(a)', '.[a, b]', '.$lookup("a")'),
    },
  ),
  expression: oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('path'),
    tuple(tie('path'), constantFrom('&', '=', 'in', '+', 'and'), tie('path')).map((parts) => parts.join(' ')),
    tuple(constantFrom('$string', '$count', '$keys', '$exists', '$not', '$spread', '$type'), tie('path')).map(
      ([name, inner]) => `${name}(${inner})`,
    ),
    tie('path').map((inner) => `$map(${inner}, function($v) { [$v, input.b, $] })`),
    tie('path').map((inner) => `($x := ${inner}; $f := function($v) { $v.a }; $f($x))`),
    tie('path').map((inner) => `${inner} ~> $string`),
    tie('path').map((inner) => `${inner} ~> |$|{"z": a}|`),
    tie('path').map((inner) => `(${inner} ? input.a : nodes.b.error)`),
    constantFrom(
      '$keys()',
      '$string()',
      '$lookup("input")',
      '$map(["input"], $lookup)',
      '($k := $keys; $k())',
      '$each(function($v, $k) { $k })',
      '$eval("input.c", input.b)',
      '$.input.c',
      '{"a": input.c}',
      '$sift(function($v, $k) { $k = "run" })',
    ),
  ),
}));

describe('what an expression reads', () => {
  it('is all that it needs: without the rest of the scope, it comes to the same', async () => {
    let values = 0;
    await assert(
      asyncProperty(expression, async (source) => {
        let compiled;
        try {
          compiled = compileJsonata(source);
        } catch {
          return;
        }
        const whole = await compiled.evaluate(scope);
        const taken = await compileJsonata(source).evaluate(takeReads(scope, findReads(compiled.ast)));
        if (whole.status === 'ok' && whole.value !== undefined) values += 1;
        expect({ source, taken }).toEqual({ source, taken: whole });
      }),
      { numRuns: 2_000 },
    );
    expect(values).toBeGreaterThan(400);
  });

  it.each([
    ['input.b.a & "x"', { input: { b: { a: 'x' } } }],
    ['nodes.a.output.b.c', { nodes: { a: { output: { b: [{ c: 1 }, { c: 3 }] } } } }],
    [
      '$count(input.a) + $sum(run.c.a)',
      { input: { a: scope.input.a }, run: { c: [[{ a: 1 }, { a: 2 }], { a: [3] }] } },
    ],
    ['nodes.a.output.b[c = 1].a', { nodes: { a: { output: { b: scope.nodes.a.output.b } } } }],
    ['$map(input.a, function($v) { $v + $$.input.c })', { input: { a: scope.input.a, c: 'text' } }],
    ['input.nope.deeper', { input: {} }],
  ])('is little: of the scope, %s takes only that', (source, expected) => {
    expect(takeReads(scope, findReads(compileJsonata(source).ast))).toEqual(expected);
  });
});
