import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { compileArguments } from '../../tool-kit/arguments.js';
import type { Tool, ToolRequest, ToolOutcome } from '../../contract/contract.js';

interface ToolDefinition<Arguments> extends Omit<Tool, 'call' | 'outputSchema'> {
  readonly outputSchema: JsonSchema;
  /** Properties that take more than a published schema can say: their schemas, by name. */
  readonly accepts?: JsonObject;
  /** Arguments of other names than those advertised, turned into these before they are checked. */
  readonly normalize?: (args: JsonObject) => JsonObject;
  readonly run: (args: Arguments, call: ToolRequest<JsonObject>) => Promise<ToolOutcome>;
}

/** A tool whose arguments are read as hosts send them, and checked, first. */
export function defineTool<Arguments>({ run, normalize, accepts, ...tool }: ToolDefinition<Arguments>): Tool {
  const { inputSchema } = tool;
  const read = compileArguments<Arguments>({
    schema: { ...inputSchema, properties: { ...(inputSchema['properties'] as JsonObject), ...accepts } },
    tool: tool.name,
    unknown: 'drop',
    readsTexts: true,
    // It is for the workflow to say whether an empty text is an input.
    keepsEmpty: ['input'],
  });
  return { ...tool, call: async (call) => run(read(normalize?.(call.args) ?? call.args), call) };
}
