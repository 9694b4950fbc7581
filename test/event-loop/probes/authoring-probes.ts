import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../../src/core/json.js';
import { AUTHORING_LIMITS } from '../../../src/core/workflow/authoring-limits.js';
import type { MeasuredServer, Probe } from '../measured-server.js';
import type { ProbeGroup } from './probe-groups.js';

const {
  objects,
  expressions,
  expression,
  dots,
  patterns: maxPatterns,
  bundle,
  nodes: maxNodes,
  definition: length,
} = AUTHORING_LIMITS;

/** What a publication holds besides code. */
const ROOM = 10_000;
const PUBLICATION = 16 * 1024 * 1024 - ROOM;

const list = <Item extends Json>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));
const inNode = (value: Json): JsonObject => ({ nodes: [{ id: 'n', kind: 'transform', with: value }] });
const namedNodes = list(maxNodes - 1, (index) => ({ id: `a_node_of_this_name_${index}`, kind: 'transform', with: 1 }));
const beside = (node: JsonObject): JsonObject => ({ nodes: [...namedNodes, { id: 'n', kind: 'transform', ...node }] });
const properties = (count: number): JsonObject => Object.fromEntries(list(count, (i) => [`p${i}`, { type: 'string' }]));
const patternsOf = (count: number): JsonObject =>
  Object.fromEntries(list(count, (i) => [`p${i}`, { type: 'string', pattern: `^(a{1,50}${i}){1,20}$` }]));
const expressionsOf = (): Json => list(expressions, (i) => `{{ input.a${i} + 1 }}`);
const missing = (index: number): string => `a_node_of_that_name_${index + 1_000}`;

/** As large as they may be in each respect, and larger. */
const DEFINITIONS: { readonly [name: string]: JsonObject } = {
  'as many expressions as there may be': inNode(expressionsOf()),
  'as many in each of the nodes that one holds': {
    nodes: [
      { id: 'g', kind: 'group', nodes: list(24, (n) => ({ id: `n${n}`, kind: 'transform', with: expressionsOf() })) },
    ],
  },
  'more expressions': inNode(list(9_000, (i) => `{{ input.a${i} + 1 }}`)),
  'expressions that cannot be read': inNode(list(expressions, (i) => `{{ input.a${i} + }}`)),
  'expressions that read nodes that are not there': beside({
    with: list(expressions, (i) => `{{ nodes.${missing(i)}.output + 1 }}`),
  }),
  'needs that are not there': beside({ needs: list(maxNodes, missing) }),
  'more needs than nodes': beside({ needs: list(9_000, missing) }),
  'a long sum': inNode(`{{ ${list(expression / 4, () => 'a').join(' + ')} }}`),
  'a longer sum': inNode(`{{ ${list(length / 6, () => 'a').join(' + ')} }}`),
  'a long path': inNode(`{{ $a.${list(dots, () => 'a').join('.')} }}`),
  'a longer path': inNode(`{{ $a.${list(length / 3, () => 'a').join('.')} }}`),
  'as many schemas as there may be': {
    ...inNode(1),
    input: { type: 'object', properties: { a: { properties: properties(700) }, b: { properties: properties(700) } } },
  },
  'more schemas': {
    ...inNode(1),
    input: { properties: Object.fromEntries(list(900, (i) => [`p${i}`, { properties: properties(8) }])) },
  },
  'schemas that refer to each other': {
    ...inNode(1),
    input: {
      $ref: '#/$defs/d0',
      $defs: Object.fromEntries(
        list(objects / 4, (i) => [`d${i}`, { properties: { a: { $ref: `#/$defs/d${(i + 1) % (objects / 4)}` } } }]),
      ),
    },
  },
  'as many patterns as there may be': { ...inNode(1), input: { properties: patternsOf(maxPatterns) } },
  'more patterns': { ...inNode(1), input: { properties: patternsOf(900) } },
  'a long pattern': {
    ...inNode(1),
    input: { properties: { a: { pattern: `^(${'a|'.repeat(expression / 2 - 3)}b)$` } } },
  },
  'a longer pattern': { ...inNode(1), input: { properties: { a: { pattern: 'ab|'.repeat(length / 4) } } } },
  'a text that is too long': { ...inNode(1), description: 'x'.repeat(length) },
};

/** A definition, through all that is done with one before it can be started. */
export function definitionGroup(): ProbeGroup {
  const probes = Object.entries(DEFINITIONS).map(([name, fields]): Probe => {
    const definition = { id: 'authored', name: 'A', description: 'd', ...fields };
    const text = JSON.stringify(definition);
    const send = async (server: MeasuredServer): Promise<void> => {
      await server.json('POST', '/drafts/check', { text });
      const { id } = (await server.json('POST', '/drafts', { text })) as { readonly id?: string };
      for (const path of id === undefined ? [] : [`/drafts/${id}`, `/drafts/${id}/diff`])
        await server.json('GET', path);
      await server.json('POST', '/drafts/try', { text });
      await server.json('POST', '/publications', { workflows: [{ definition }] });
      await server.json('GET', '/workflows/authored/diff');
      if (id !== undefined) await server.send({ method: 'DELETE', path: `/api/v1/drafts/${id}` });
    };
    return { name, send };
  });
  return { name: 'a definition', probes };
}

/** Publications as long as one may be. */
export function publicationGroup(): ProbeGroup {
  let count = 0;
  const definition = { id: 'authored', name: 'A', description: 'd', ...inNode('x') };
  const codeOf = (letter: string, size: number): JsonObject => {
    const code = `export const a = ${(count += 1)}; //${letter.repeat(size)}`;
    return { sha: createHash('sha256').update(code).digest('hex'), code, packages: [] };
  };
  const publish = (name: string, body: () => JsonObject): Probe => ({
    name,
    send: async (server) => void (await server.json('POST', '/publications', body())),
  });
  const withCode = (name: string, letter: string, bytes: number): Probe =>
    publish(name, () => ({
      workflows: [{ definition }],
      bundles: list(Math.floor(PUBLICATION / bytes / bundle), () => codeOf(letter, bundle - 100)),
    }));
  const long = (letter: string, size: number): JsonObject => ({
    workflows: [{ definition: { ...definition, description: letter.repeat(size) } }],
  });
  return {
    name: 'a publication',
    probes: [
      withCode('code', 'x', 1),
      withCode('code of wide letters', '漢', 3),
      withCode('code of escapes', '\n', 2),
      publish('a long text', () => long('x', PUBLICATION - ROOM)),
      publish('a long text of wide letters', () => long('漢', PUBLICATION / 3 - ROOM)),
    ],
  };
}
