import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../core/json.js';
import { repairValue } from '../../core/tool-form/repair-value.js';
import { compileCheck } from './check-value.js';
import { validatorOf } from './validator.js';

/**
 * Arguments that some hosts add to what a model gave, from a conversation of their own: n8n's agents. They are dropped everywhere, also by
 * a tool that takes no names but its own.
 */
const ADDED_BY_HOSTS: ReadonlySet<string> = new Set(['toolCallId', 'sessionId', 'action', 'chatInput']);

export interface ArgumentRules {
  /** What the arguments must fit in the end. */
  readonly schema: JsonSchema;
  readonly tool: string;
  /** What becomes of arguments that the schema does not name: they are dropped, or left to the schema. */
  readonly unknown: 'drop' | 'check';
  /** Whether numbers, truth values, objects and lists are taken as text too, where their reading is plain. */
  readonly readsTexts: boolean;
  /** Optional arguments of which an empty text is one of the values. */
  readonly keepsEmpty?: readonly string[];
}

/**
 * Reads the arguments of one of Errand's own tools as hosts send them. An optional argument that is null or an empty text counts as absent.
 * Throws `invalid_input`, naming each path, for what does not fit then.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the schema and T say the same, as far as callers know
export function compileArguments<T>(rules: ArgumentRules): (args: JsonObject) => T {
  const { schema, tool, readsTexts } = rules;
  const { misfits } = validatorOf(schema);
  const repair = readsTexts ? (value: Json) => repairValue(value, misfits) : undefined;
  const check = compileCheck<T>(schema, `The arguments of ${tool}`, repair);
  const isDropped = compileDropped(rules);
  return (args) => check(withoutDropped(args, isDropped));
}

type IsDropped = (name: string, value: unknown) => boolean;

function compileDropped({ schema, unknown, keepsEmpty = [] }: ArgumentRules): IsDropped {
  const { properties, required } = schema;
  const named = new Set(isJsonObject(properties) ? Object.keys(properties) : []);
  const needed = new Set(Array.isArray(required) ? (required as readonly unknown[]) : []);
  return (name, value) => {
    if (!named.has(name)) return unknown === 'drop' || ADDED_BY_HOSTS.has(name);
    if (needed.has(name)) return false;
    return value === null || (value === '' && !keepsEmpty.includes(name));
  };
}

/** Most arguments are as they should be, and are given back as they are. */
function withoutDropped(args: JsonObject, isDropped: IsDropped): JsonObject {
  for (const name in args) {
    if (isDropped(name, args[name])) {
      return Object.fromEntries(Object.entries(args).filter(([key, value]) => !isDropped(key, value)));
    }
  }
  return args;
}
