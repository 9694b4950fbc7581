import type { Json } from '../../src/core/json.js';
import { isJsonObject } from '../../src/core/json.js';
import { PAYLOAD_LIMITS } from '../../src/core/text/payload-limits.js';

/** A JSON text that is large, deep or repetitive. */
export interface HostileText {
  readonly name: string;
  readonly text: Buffer;
}

const OPEN: { readonly [close: string]: string } = { ']': '[', '}': '{' };

/** A list, or an object, of as many parts as fit into so many bytes, and as there may be. */
export function fill(
  bytes: number,
  part: (index: number) => string,
  { close = ']', most = Number.POSITIVE_INFINITY }: { readonly close?: ']' | '}'; readonly most?: number } = {},
): string {
  const parts: string[] = [];
  for (let length = 2; parts.length < most;) {
    const next = part(parts.length);
    length += next.length + 1;
    if (length > bytes) break;
    parts.push(next);
  }
  return `${OPEN[close]}${parts.join(',')}${close}`;
}

const name36 = (index: number): string => index.toString(36);
const nest = (open: string, depth: number, close: string, inside = ''): string =>
  open.repeat(depth) + inside + close.repeat(depth);

/** Left for what stands around a text. */
const ROOM = 100;
const VALUES = PAYLOAD_LIMITS.values - ROOM;
const CONTAINERS = PAYLOAD_LIMITS.containers - ROOM;
const NAMES = PAYLOAD_LIMITS.names - ROOM;
const DISTINCT = PAYLOAD_LIMITS.distinctNames - ROOM;

/**
 * Lists and objects of so many bytes, in every form that costs most somewhere: with as many values and names as are let
 * in, and with more.
 */
export function hostileStructures(bytes: number): readonly HostileText[] {
  const list = (part: (index: number) => string): string => fill(bytes, part, { most: mostOf(part(0)) });
  const object = (most: number, part: (index: number) => string): string => fill(bytes, part, { close: '}', most });
  const own = (index: number): string => name36(index % DISTINCT);
  return texts({
    'a list of numbers': list(() => '1'),
    'a list of long numbers': list(() => '1.2345678901234567e300'),
    'a list of empty texts': list(() => '""'),
    'a list of texts that differ': list((index) => `"${name36(index)}"`),
    'a list of nulls': list(() => 'null'),
    'a list of empty lists': list(() => '[]'),
    'a list of lists of a text': list(() => '["a"]'),
    'a list of deep lists': list(() => nest('[', 100, ']')),
    'a list of empty objects': list(() => '{}'),
    'a list of objects that are alike': list(() => '{"a":1,"b":"c"}'),
    'a list of objects with a name of their own each': list((index) => `{"${own(index)}":0}`),
    'a list of objects with two names of their own each': list(
      (index) => `{"${own(index)}":0,"${own(index * 7 + 3)}":0}`,
    ),
    'a list of deep objects': list(() => nest('{"a":', 100, '}', '1')),
    'an object of unknown names': object(DISTINCT, (index) => `"k${name36(index)}":0`),
    'an object of long names': object(DISTINCT, (index) => `"${'k'.repeat(90)}${name36(index)}":0`),
    'an object of numbers as names': object(DISTINCT, (index) => `"${index * 7_919}":0`),
    'an object of one name again and again': object(NAMES, () => '"a":0'),
    'an object of objects': object(DISTINCT, (index) => `"${name36(index)}":{}`),
    'lists as deep as they may be, and wide': nest(
      '[',
      200,
      ']',
      fill(bytes - 400, () => '0', { most: VALUES - 200 }).slice(1, -1),
    ),
    'lists deeper than they may be': nest('[', CONTAINERS, ']'),
    'a list with a number that cannot be kept': list(() => '1').replace(/\]$/, ',123456789012345678901]'),
    'more numbers than are let in': fill(bytes, () => '1'),
    'more lists than are let in': nest('[', bytes / 2, ']'),
    'more names than are let in': fill(bytes, () => '"a":0', { close: '}' }),
    'more different names than are let in': fill(bytes, (index) => `"${name36(index)}":0`, { close: '}' }),
  });
}

/** Lists and objects of so many bytes that nobody bounds: as services answer. */
export function freeStructures(bytes: number): readonly HostileText[] {
  return texts({
    'a list of objects that are alike': fill(bytes, () => '{"a":1,"b":"c"}'),
    'a list of deep objects': fill(bytes, () => nest('{"a":', 100, '}', '1')),
    'a list of texts of pairs': fill(bytes / 4, () => `"${'\u{1F600}'.repeat(500)}"`),
    'a long text': `{"text":"${'\u6F22'.repeat(bytes)}"}`,
    'a long text of escapes': `"${'\\u6f22'.repeat(bytes)}"`,
    'a longer text than is kept': `"${'\u6F22'.repeat(2.2 * bytes)}"`,
  });
}

/** How many of a part may be in a list. */
function mostOf(part: string): number {
  const count = { values: 0, containers: 0, names: 0 };
  const look = (value: Json): void => {
    count.values += 1;
    if (typeof value !== 'object' || value === null) return;
    count.containers += 1;
    if (!Array.isArray(value)) count.names += Object.keys(value).length;
    for (const inner of Object.values(value)) look(inner);
  };
  look(JSON.parse(part) as Json);
  return Math.floor(Math.min(VALUES / count.values, CONTAINERS / count.containers, NAMES / count.names));
}

/** Texts of so many characters, which patterns and scanners may stumble over. */
export function hostileStrings(length: number): readonly HostileText[] {
  const repeat = (unit: string): string => unit.repeat(Math.max(1, Math.floor(length / unit.length)));
  const plain = {
    'one letter': repeat('a'),
    'one letter and a sign': `${repeat('a')}!`,
    blanks: repeat(' '),
    'blanks and a letter': `${repeat(' ')}x`,
    'line breaks': repeat('\\n'),
    digits: repeat('1'),
    'digits with dots': repeat('1.'),
    colons: repeat(':'),
    hyphens: repeat('-'),
    slashes: repeat('/'),
    'escapes of slashes': repeat('~1'),
    'percent signs': repeat('%41'),
    'words with hyphens': repeat('a-'),
    'almost an e-mail address': `${repeat('a.')}@`,
    'almost an address': `http://${repeat('a:@')}`,
    'addresses in addresses': repeat('http://'),
    'almost a moment': `2026-11-27T00:00:00.${repeat('1')}`,
    'almost a duration': `P${repeat('1')}`,
    'almost an expression': repeat('{{'),
    expressions: repeat('{{ a }}'),
    'a template of an address': repeat('{a}'),
    fences: repeat('```\\n'),
    'angle brackets': repeat('<a '),
    'wide letters': repeat('é'),
    'half pairs': repeat('\\ud83d'),
    'letters as escapes': repeat('\\u0061'),
    'JSON in a text, lists': repeat('['),
    'JSON in a text, numbers': `[${'1,'.repeat(Math.min(length / 2, VALUES))}1]`,
    'JSON in a text, objects': `{\\"a\\":[${'{},'.repeat(Math.min(length / 3, CONTAINERS))}0]}`,
    'base64 of nothing': `=?base64?${repeat('A')}?=`,
  };
  return texts(Object.fromEntries(Object.entries(plain).map(([name, text]) => [name, `"${text}"`])));
}

function texts(all: { readonly [name: string]: string }): readonly HostileText[] {
  return Object.entries(all).map(([name, text]) => ({ name, text: Buffer.from(text) }));
}

const MARK = '"@hostile@"';

/** Where a value stands in a JSON text: the pieces of the text before and behind it. */
export interface Place {
  /** JSON pointer. */
  readonly pointer: string;
  /** Whether a text stands there, which somebody may read closely. */
  readonly isText: boolean;
  readonly before: Buffer;
  readonly behind: Buffer;
}

/** Every place in a value, the value itself first; and, in each object, one under a name that nobody knows. */
export function placesOf(value: Json): readonly Place[] {
  return pointersOf(value).map((path) => {
    const [before = '', behind = ''] = JSON.stringify(withMark(value, path)).split(MARK);
    return {
      pointer: `/${path.join('/')}`,
      isText: typeof valueAt(value, path) === 'string',
      before: Buffer.from(before),
      behind: Buffer.from(behind),
    };
  });
}

type Path = readonly (string | number)[];

function pointersOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((item: Json, index) => pointersOf(item, [...path, index]))
    : Object.entries(value).flatMap(([name, item]) => pointersOf(item, [...path, name]));
  return [path, ...inner, ...(Array.isArray(value) ? [] : [[...path, 'nobody_knows']])];
}

function valueAt(value: Json, path: Path): Json | undefined {
  let inner: Json | undefined = value;
  for (const step of path) inner = (inner as { readonly [step: string | number]: Json } | undefined)?.[step];
  return inner;
}

function withMark(value: Json, path: Path): Json {
  const [step, ...rest] = path;
  if (step === undefined) return '@hostile@';
  if (Array.isArray(value)) return value.map((item: Json, index) => (index === step ? withMark(item, rest) : item));
  const object = isJsonObject(value) ? value : {};
  return { ...object, [step]: withMark(object[step] ?? null, rest) };
}

/** A value that the schema takes, with every property that it names. `known` gives values for properties, by name. */
export function sampleOf(schema: Json, known: { readonly [name: string]: Json } = {}): Json {
  if (!isJsonObject(schema)) return 'x';
  const { type, properties, items, anyOf, oneOf, minimum, default: preset } = schema;
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as Json;
  if (schema['const'] !== undefined) return schema['const'];
  const choice = anyOf ?? oneOf;
  if (Array.isArray(choice)) return sampleOf(choice[0] as Json, known);
  if (isJsonObject(properties)) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, known[name] ?? sampleOf(property, known)]),
    );
  }
  if (preset !== undefined) return preset;
  const kind: unknown = Array.isArray(type) ? type[0] : type;
  if (kind === 'array') return [sampleOf(items ?? {}, known)];
  if (kind === 'object') return {};
  if (kind === 'integer' || kind === 'number') return typeof minimum === 'number' ? minimum : 1;
  return kind === 'boolean' ? true : 'x';
}
