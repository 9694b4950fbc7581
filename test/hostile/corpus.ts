import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { repository } from '../support/server/server-process.js';

/** A workflow and an input for it. */
export interface HostileCase {
  readonly name: string;
  readonly workflow: JsonObject & { readonly id: string };
  /** JSON, or what is none. */
  readonly input: string;
  /** What must come of it; anything that is documented when not given. */
  readonly expected?: 'no workflow' | 'no input';
}

function linesOf(file: string): readonly string[] {
  const text = readFileSync(join(repository, 'test', 'hostile', file), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
}

function workflowOf(id: string, value: string, input: Json = { type: 'object' }): HostileCase['workflow'] {
  const nodes = [{ id: 'only', kind: 'transform', with: value }];
  return { id, name: id, description: 'Hostile.', publish: false, input, nodes };
}

export function hostileCases(): readonly HostileCase[] {
  return [...expressionCases(), ...patternCases(), ...schemaCases(), ...inputCases()];
}

/** Expressions whose values took long to read, copy, write or answer, and others that did. */
const ONCE_SLOW = [
  '$string([1..1000000])',
  '**.**',
  '**.*.**',
  'input.deep.**.**',
  '$pad("", 8000000, "ab")',
  '$pad($pad("x", 8000000), 8000001)',
  '($a := "x"; $b := $a & $a; $c := $pad("", 1000000, $b); $c & $c & $c & $c & $c)',
];
const ONCE_SLOW_SCHEMA = /"default"|\["not",999\]/;

/** One in ten, and all that once held the event loop for too long. */
export function fewHostileCases(): readonly HostileCase[] {
  const slow = new Set(ONCE_SLOW.map((source) => `the expression ${source}`));
  return hostileCases().filter(
    ({ name }, index) =>
      index % 10 === 0 || slow.has(name) || (name.startsWith('the schema') && ONCE_SLOW_SCHEMA.test(name)),
  );
}

/** In a node, given a large input. */
function expressionCases(): readonly HostileCase[] {
  const input = JSON.stringify({
    t: `${'a'.repeat(30_000)}!`,
    list: listOf(2_000, (index) => (index * 7_919) % 2_003),
    records: listOf(500, (index) => ({ id: index, name: `name ${index % 50}`, tags: ['x', 'y'] })),
    deep: nested(100, 1),
    wide: namesOf(2_000, (index) => index),
    json: `[${listOf(5_000, (index) => `{"a":${index}}`).join(',')}]`,
  });
  return linesOf('expressions.txt').map((source, index) => ({
    name: `the expression ${source}`,
    workflow: workflowOf(`expression_${index}`, `{{ ${source} }}`),
    input,
  }));
}

/** In a schema, and in an expression. */
function patternCases(): readonly HostileCase[] {
  return linesOf('patterns.txt').flatMap((line, index) => {
    const [pattern = '', unit = '', end = ''] = line.split('\t');
    const input = JSON.stringify({ t: unit.replaceAll('\\\\', '\\').repeat(30_000 / unit.length) + end });
    const schema = { type: 'object', properties: { t: { type: 'string', pattern } } };
    return [
      { name: `the pattern ${pattern}`, workflow: workflowOf(`pattern_${index}`, 'fits', schema), input },
      {
        name: `the regular expression ${pattern}`,
        workflow: workflowOf(`regex_${index}`, `{{ $contains(input.t, /${pattern.replaceAll('/', '\\/')}/) }}`),
        input,
      },
    ];
  });
}

function schemaCases(): readonly HostileCase[] {
  return linesOf('schemas.jsonl').map((line, index) => {
    const { schema, input, refused, invalid } = JSON.parse(line) as { readonly [name: string]: Json };
    const expected = refused === true ? 'no workflow' : invalid === true ? 'no input' : undefined;
    return {
      name: `the schema ${JSON.stringify(schema).slice(0, 100)}`,
      workflow: workflowOf(`schema_${index}`, 'fits', expand(schema ?? null)),
      input: JSON.stringify(expand(input ?? null)),
      ...(expected === undefined ? {} : { expected }),
    };
  });
}

function inputCases(): readonly HostileCase[] {
  return linesOf('inputs.txt').map((input) => ({
    name: `the input ${input}`,
    workflow: workflowOf('gives_back', '{{ input }}'),
    input,
  }));
}

/** The value that a line of schemas.jsonl stands for. */
function expand(value: Json, index = 0): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (!isJsonObject(value)) return value.map((item) => expand(item, index));
  const [name = '', params] = Object.entries(value)[0] ?? [];
  const [first, second] = Array.isArray(params) ? (params as readonly Json[]) : [];
  const text = typeof first === 'string' ? first : '';
  switch (name) {
    case '$index':
      return index;
    case '$name':
      return `n${index}`;
    case '$repeat':
      return text.repeat(Number(second));
    case '$list':
      return listOf(Number(first), (place) => expand(second ?? null, place));
    case '$names':
      return namesOf(Number(first), (place) => expand(second ?? null, place));
    case '$deep':
      return nested(Number(first), second ?? null);
    case '$deepSchema':
      return deepSchema(text, Number(second));
    case '$laughs':
      return laughs(text, Number(second));
    default:
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner, index)]));
  }
}

function listOf<Item>(length: number, item: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => item(index));
}

function namesOf(count: number, value: (index: number) => Json): JsonObject {
  return Object.fromEntries(listOf(count, (index) => [`n${index}`, value(index)]));
}

function nested(depth: number, inside: Json): Json {
  let value = inside;
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

function deepSchema(keyword: string, depth: number): Json {
  let schema: Json = {};
  for (let level = 0; level < depth; level += 1) {
    if (keyword === 'properties') schema = { properties: { a: schema } };
    else schema = { [keyword]: keyword.endsWith('Of') ? [schema] : schema };
  }
  return schema;
}

/** Each level refers to the one below it twice. */
function laughs(keyword: string, levels: number): Json {
  const below = (level: number): Json => ({ $ref: `#/$defs/d${level - 1}` });
  const defs = listOf(levels, (level) => [`d${level}`, level === 0 ? {} : { [keyword]: [below(level), below(level)] }]);
  return { $defs: Object.fromEntries(defs) as JsonObject, $ref: `#/$defs/d${levels - 1}` };
}
