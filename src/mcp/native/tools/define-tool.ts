import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { compileCheck } from '../../tool-kit/check-value.js';
import type { Tool, ToolCall, ToolOutcome } from '../../contract/contract.js';

interface ToolDefinition<Arguments> extends Omit<Tool, 'call' | 'outputSchema'> {
  readonly outputSchema: JsonSchema;
  /** Arguments of other names than those advertised, turned into these before they are checked. */
  readonly normalize?: (args: JsonObject) => JsonObject;
  readonly run: (args: Arguments, call: ToolCall<JsonObject>) => Promise<ToolOutcome>;
}

/** A tool whose arguments are checked against its input schema first. */
export function defineTool<Arguments>({ run, normalize, ...tool }: ToolDefinition<Arguments>): Tool {
  const check = compileCheck<Arguments>(tool.inputSchema, `The arguments of ${tool.name}`);
  return { ...tool, call: async (call) => run(check(normalize?.(call.args) ?? call.args), call) };
}
