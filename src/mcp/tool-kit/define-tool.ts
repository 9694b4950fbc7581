import { toolForm } from '../../core/tool-form/tool-form.js';
import type { JsonObject } from '../../core/json.js';
import type { Tool, ToolRequest, ToolOutcome } from '../contract/contract.js';
import { compileArguments, type ArgumentRules } from './arguments.js';

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
