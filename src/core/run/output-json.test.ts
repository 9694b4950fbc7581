import { expect, it } from 'vitest';
import { makeRun } from '../../testing/store-suite/fixtures.js';
import { isKnownLarge } from '../json-length.js';
import type { Json } from '../json.js';
import { hasOutput, outputJson, parseOutput, withOutputJson, withoutOutput } from './output-json.js';

const run = makeRun({ organizationId: 'o1' });

it('a run has the output whose JSON it was given, read when somebody looks', () => {
  const whole = withOutputJson(run, '{"a":[1]}');
  expect(whole).toEqual({ ...run, output: { a: [1] } });
  expect(whole.output).toBe(whole.output);
  expect([hasOutput(whole), outputJson(whole)]).toEqual([true, '{"a":[1]}']);
  expect(withoutOutput(whole)).toEqual(run);
  const unread = withOutputJson(run, '{');
  expect([hasOutput(unread), outputJson(unread), withoutOutput(unread)]).toEqual([true, '{', run]);
});

it('a run without an output has none', () => {
  expect([hasOutput(run), outputJson(run)]).toEqual([false, null]);
  const small = { ...run, output: null };
  expect([hasOutput(small), outputJson(small)]).toEqual([true, 'null']);
});

it('a long output is parsed over several turns before somebody looks at it', async () => {
  const output = Array.from({ length: 20_000 }, (_, index) => ({ [`k${index}`]: index }));
  const json = JSON.stringify(output);
  const whole = withOutputJson(run, json);
  await parseOutput(whole);
  const first = whole.output;
  expect(JSON.stringify(first) === json).toBe(true);
  expect(isKnownLarge(first as Json)).toBe(true);
  await parseOutput(whole);
  expect(whole.output).toBe(first);
});
