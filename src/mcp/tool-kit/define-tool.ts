import { toolForm } from '../../core/tool-form/tool-form.js';
import { type JsonObject, isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import type { Tool, ToolRequest, ToolOutcome } from '../contract/contract.js';
import { repairValue } from '../../core/tool-form/repair-value.js';
import { compileCheck } from './check-value.js';
import { validatorOf } from './validator.js';

/** How a contract reads the arguments of its tools. */
export type ArgumentReading = Omit<ArgumentRules, 'schema' | 'tool'>;

export interface ToolDefinition<Arguments> extends Omit<Tool, 'call'> {
  /** Properties that take more than a published schema can say: their schemas, by name. */
  readonly accepts?: JsonObject;
  /** Arguments of other names than those advertised, turned into these before they are checked. */
  readonly normalize?: (args: JsonObject) => JsonObject;
  readonly run: (args: Arguments, call: ToolRequest<JsonObject>) => Promise<ToolOutcome>;
}

/** As hosts send them. It is for the workflow to say whether an empty text is an input. */
const AS_HOSTS_SEND: ArgumentReading = { unknown: 'drop', readsTexts: true, keepsEmpty: ['input'] };

/** A tool whose arguments are read and checked first. */
export function defineTool<Arguments>(
  { run, normalize, accepts, ...tool }: ToolDefinition<Arguments>,
  reading: ArgumentReading = AS_HOSTS_SEND,
): Tool {
  const { inputSchema } = tool;
  const schema =
    accepts === undefined
      ? inputSchema
      : { ...inputSchema, properties: { ...(inputSchema['properties'] as JsonObject), ...accepts } };
  const read = compileArguments<Arguments>({ ...reading, schema, tool: tool.name });
  return { ...tool, call: async (call) => run(read(normalize?.(call.args) ?? call.args), call) };
}

export interface ValueToolDefinition<Arguments> extends Omit<Tool, 'call'> {
  /** A value, or the JSON text of the whole result. */
  readonly run: (call: Pick<ToolRequest<Arguments>, 'services' | 'caller' | 'args'>) => Promise<JsonObject | string>;
}

/** A tool of a published contract: it gives a value, and is listed in the form that every host takes. */
export function defineValueTool<Arguments>(
  { run, ...tool }: ValueToolDefinition<Arguments>,
  reading: ArgumentReading,
): Tool {
  return defineTool<Arguments>(
    {
      ...tool,
      listedSchema: toolForm(tool.inputSchema).schema,
      run: async (args, { services, caller }) => {
        const given = await run({ services, caller, args });
        return typeof given === 'string' ? { kind: 'json', json: given } : { kind: 'value', value: given };
      },
    },
    reading,
  );
}

/**
 * Arguments that some hosts add to what a model gave, from a conversation of their own: n8n's agents. They are dropped
 * everywhere, also by a tool that takes no names but its own.
 */
const ADDED_BY_HOSTS: ReadonlySet<string> = new Set(['toolCallId', 'sessionId', 'action', 'chatInput']);

export interface ArgumentRules {
  /** What the arguments must fit in the end. */
  readonly schema: JsonSchema;
  readonly tool: string;
  /** What becomes of arguments that the schema does not name: they are dropped, or left to the schema. */
  readonly unknown: 'drop' | 'check';
  /** Arguments that are dropped though the schema names them. */
  readonly ignored?: readonly string[];
  /** Whether numbers, truth values, objects and lists are taken as text too, where their reading is plain. */
  readonly readsTexts: boolean;
  /** Optional arguments of which an empty text is one of the values. */
  readonly keepsEmpty?: readonly string[];
}

/**
 * Reads the arguments of one of Errand's own tools as hosts send them. An optional argument that is null or an empty
 * text counts as absent. Throws `invalid_input`, naming each path, for what does not fit then.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the schema and T say the same, as far as callers know
export function compileArguments<T>(rules: ArgumentRules): (args: JsonObject) => T {
  const { schema, tool, readsTexts } = rules;
  const repair = readsTexts ? (value: Json) => repairValue(value, validatorOf(schema).misfits) : undefined;
  const check = compileCheck<T>(schema, `The arguments of ${tool}`, repair);
  const select = compileSelect(rules);
  return (args) => check(select(args));
}

/** Looks at the arguments that the schema names, and at no others: a caller may send very many. */
function compileSelect(rules: ArgumentRules): (args: JsonObject) => JsonObject {
  const { schema, unknown, ignored = [], keepsEmpty = [] } = rules;
  const { properties, required } = schema;
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const named = isJsonObject(properties) ? Object.keys(properties) : [];
  const taken = named.filter((name) => !ignored.includes(name));
  const optional = new Set(taken.filter((name) => !needed.includes(name)));
  const isAbsent = (name: string, value: Json): boolean =>
    optional.has(name) && (value === null || (value === '' && !keepsEmpty.includes(name)));
  if (unknown === 'drop') {
    return (args) => {
      const selected: { [name: string]: Json } = {};
      for (const name of taken) {
        const value = Object.hasOwn(args, name) ? args[name] : undefined;
        if (value !== undefined && !isAbsent(name, value)) selected[name] = value;
      }
      return selected;
    };
  }
  const looked = [...taken, ...ADDED_BY_HOSTS];
  const isDropped = (name: string, value: Json): boolean => ADDED_BY_HOSTS.has(name) || isAbsent(name, value);
  return (args) => {
    const dropped = looked.filter((name) => Object.hasOwn(args, name) && isDropped(name, args[name] ?? null));
    return dropped.length === 0 ? args : without(args, new Set(dropped));
  };
}

function without(args: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(args).filter(([name]) => !names.has(name)));
}
