import type { Json, JsonObject } from '../json.js';
import { shorten } from '../text/cut-text.js';
import type { FlatSchema, TypeName } from './flat-schema.js';

/** Bounds that hosts take, by the type that they are for. */
const KEPT: { readonly [T in TypeName]: readonly string[] } = {
  string: ['minLength', 'maxLength', 'x-mcp-header'],
  number: ['minimum', 'maximum', 'x-mcp-header'],
  integer: ['minimum', 'maximum', 'x-mcp-header'],
  boolean: ['x-mcp-header'],
  array: ['minItems', 'maxItems'],
  object: [],
  null: [],
};

/** The only format that every converter knows; others are told in words. */
const KNOWN_FORMAT = 'date-time';
/** Lookaround and named groups are beyond the grammars that models are held to. */
const UNUSUAL_PATTERN = /\(\?|\\[pPkbB1-9]/;

/** The bounds of a value that stay in its form as they are. */
export function keptBounds({ keywords }: FlatSchema, type: TypeName): JsonObject {
  const { format, pattern } = keywords;
  const bounds = KEPT[type].flatMap((name) => {
    const value = keywords[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(bounds),
    ...(type === 'string' && format === KNOWN_FORMAT ? { format } : {}),
    ...(type === 'string' && isUsual(pattern) ? { pattern } : {}),
  };
}

/** The others, in words. */
export function describeBounds({ keywords, values, isPartial }: FlatSchema, type: TypeName): readonly string[] {
  const { format, pattern, exclusiveMinimum, exclusiveMaximum, multipleOf, uniqueItems } = keywords;
  const say = (isFor: boolean, value: Json | undefined, words: (text: string) => string): readonly string[] =>
    !isFor || value === undefined || typeof value === 'object' ? [] : [words(shorten(String(value), 200))];
  const isText = type === 'string';
  const isNumber = type === 'number' || type === 'integer';
  return [
    ...say(isText && format !== KNOWN_FORMAT, format, (text) => `Format: ${text}.`),
    ...say(isText && !isUsual(pattern), pattern, (text) => `Must match ${text}`),
    ...say(isNumber, exclusiveMinimum, (text) => `More than ${text}.`),
    ...say(isNumber, exclusiveMaximum, (text) => `Less than ${text}.`),
    ...say(isNumber, multipleOf, (text) => `A multiple of ${text}.`),
    ...(type === 'array' && uniqueItems === true ? ['Each only once.'] : []),
    ...(isText || values === null || isPartial ? [] : [shorten(`One of ${values.map(toJson).join(', ')}.`, 300)]),
  ];
}

function isUsual(pattern: Json | undefined): pattern is string {
  return typeof pattern === 'string' && !UNUSUAL_PATTERN.test(pattern);
}

function toJson(value: Json): string {
  return JSON.stringify(value);
}
