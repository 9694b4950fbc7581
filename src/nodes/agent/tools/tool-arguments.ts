import type { NodeContext } from '../../../core/handlers/node-kind.js';
import { NodeFailure } from '../../../core/handlers/node-kind.js';
import type { Problem } from '../../../core/errors.js';
import { isJsonObject, type Json } from '../../../core/json.js';
import type { ToolSpec } from '../../../core/models/models.js';
import { readBack } from '../../../core/tool-form/read-back.js';
import { repairValue } from '../../../core/tool-form/repair-value.js';
import { toolForm } from '../../../core/tool-form/tool-form.js';
import { toolDescription } from '../../../core/tool-form/tool-text.js';
import type { AgentTool } from './tool.js';

/** A tool as a model is shown it: in a form that every provider takes. */
export function showTool({ name, description, inputSchema }: AgentTool): ToolSpec {
  const { schema, choice } = toolForm(inputSchema);
  return { name, description: toolDescription(description, choice === null ? [] : [choice]), inputSchema: schema };
}

/** What a tool is given, and what is wrong with it; no problems when it fits the tool's own schema. */
export interface ReadArguments {
  readonly args: Json;
  readonly problems: readonly Problem[];
}

/**
 * The arguments that a model gave, as the tool's own schema has them. What does not fit is read as it was meant where
 * that is plain.
 */
export async function readArguments(context: NodeContext, tool: AgentTool, given: Json): Promise<ReadArguments> {
  const { isWrapped, reading } = toolForm(tool.inputSchema);
  const read = readBack(given, reading);
  const meant = isWrapped && isJsonObject(read) && 'input' in read ? (read['input'] ?? null) : read;
  const args = repairValue(meant, (value) => {
    const problems = findProblems(context, tool, value);
    // What takes long to check is left as it is.
    return problems instanceof Promise ? [] : problems.map(({ path }) => ({ place: path }));
  });
  return { args, problems: await findProblems(context, tool, args) };
}

function findProblems(
  context: NodeContext,
  { inputSchema }: AgentTool,
  args: Json,
): ReturnType<NodeContext['checkJson']> {
  try {
    return context.checkJson(inputSchema, args);
  } catch (thrown) {
    // The definition's own schemas are known to be good; what an MCP server takes for one is for that server to hold
    // arguments to.
    if (thrown instanceof NodeFailure) return [];
    throw thrown;
  }
}
