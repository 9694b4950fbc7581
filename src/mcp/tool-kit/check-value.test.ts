import { describe, expect, it } from 'vitest';
import { ErrandError, isErrandError } from '../../core/errors.js';
import type { Json, JsonObject } from '../../core/json.js';
import { boundedProblems, compileCheck, fullMessage, MAX_PROBLEMS } from './check-value.js';

const check = compileCheck<JsonObject>(
  {
    type: 'object',
    properties: { name: { type: 'string' }, count: { type: 'integer' }, none: { type: ['string', 'null'] } },
    required: ['name'],
    additionalProperties: false,
  },
  'The arguments',
);

function refused(value: Json): ErrandError {
  try {
    check(value);
  } catch (thrown) {
    if (isErrandError(thrown)) return thrown;
  }
  throw new Error('it was taken');
}

const named = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));

describe('compileCheck', () => {
  it('names each offending path', () => {
    expect(refused({ count: 'x', 'a/b': 1 }).problems).toEqual([
      { path: '/name', message: 'is missing' },
      { path: '/a~1b', message: 'is not known here' },
      { path: '/count', message: 'must be integer' },
    ]);
  });

  it('names twenty problems at most and says how many more there are', () => {
    const { problems } = refused({ name: 'x', ...named(30) });
    expect(problems).toHaveLength(MAX_PROBLEMS + 1);
    expect(problems.at(-1)).toEqual({ path: '', message: 'and 10 more problems' });
  });

  it('answers for a large value at once, with an error of bounded length', () => {
    const large: JsonObject[] = [named(80_000), { ['x'.repeat(700_000)]: 1 }, { name: { deep: [named(80_000)] } }];
    for (const value of large) {
      const before = performance.now();
      const error = refused(value);
      const said = fullMessage(error) + JSON.stringify(boundedProblems(error));
      expect(performance.now() - before).toBeLessThan(1_000);
      expect(said.length).toBeLessThan(20_000);
    }
  });

  it('takes null for an optional property as its absence, and leaves null where the schema has a place for it', () => {
    expect(check({ name: 'x', count: null })).toEqual({ name: 'x' });
    expect(check({ name: 'x', none: null })).toEqual({ name: 'x', none: null });
    expect(refused({ name: null }).problems).toEqual([{ path: '/name', message: 'must be string' }]);
  });
});

describe('fullMessage', () => {
  it('adds the problems that the message does not name', () => {
    const problems = [{ path: '/a', message: 'is missing' }];
    expect(fullMessage(new ErrandError('invalid_input', 'It does not fit.', { problems }))).toBe(
      'It does not fit. (/a is missing)',
    );
    expect(fullMessage(new ErrandError('invalid_input', 'It lacks /a.', { problems }))).toBe('It lacks /a.');
  });

  it('is of bounded length, whatever a service says', () => {
    const long = 'x'.repeat(1_000_000);
    const problems = Array.from({ length: 1_000 }, () => ({ path: `/${long}`, message: long }));
    const error = new ErrandError('invalid_input', long, { problems });
    expect(fullMessage(error).length).toBeLessThan(10_000);
    expect(JSON.stringify(boundedProblems(error)).length).toBeLessThan(20_000);
  });
});
