import { isJsonObject, type Json } from '../../../core/json.js';
import type { McpTool } from '../../../core/ports/mcp-tools.js';
import { ToolError, type ToolUse } from './tool.js';

export interface ServerTools {
  readonly server: string;
  readonly tools: readonly McpTool[];
}

export interface NamedMcpTool {
  /** What the model calls it. */
  readonly name: string;
  readonly server: string;
  readonly tool: McpTool;
}

const MAX_NAME_LENGTH = 64;

/** Names that every provider takes: the tool's own, with its server's before it where two are the same. */
export function nameMcpTools(params: {
  readonly servers: readonly ServerTools[];
  readonly taken: readonly string[];
}): readonly NamedMcpTool[] {
  const all = params.servers.flatMap(({ server, tools }) => tools.map((tool) => ({ server, tool })));
  const used = new Set(params.taken);
  return all.map(({ server, tool }) => {
    const plain = toName(tool.name);
    const clashes = used.has(plain) || all.filter((other) => toName(other.tool.name) === plain).length > 1;
    const wanted = clashes ? toName(`${server}_${tool.name}`) : plain;
    let name = wanted;
    for (let number = 2; used.has(name); number += 1) name = `${wanted.slice(0, MAX_NAME_LENGTH - 4)}_${number}`;
    used.add(name);
    return { name, server, tool };
  });
}

function toName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  // Google's API takes no name that begins with a digit or a dash.
  return (/^[A-Za-z_]/.test(plain) ? plain : `_${plain}`).slice(0, MAX_NAME_LENGTH);
}

export async function callMcp(params: ToolUse & { readonly server: string; readonly tool: string }): Promise<Json> {
  const { context, args, server, tool } = params;
  const result = await context.mcp.call({
    server,
    tool,
    arguments: isJsonObject(args) ? args : {},
    workflowId: context.run.workflowId,
    organizationId: context.organization.id,
    runId: context.run.id,
    signal: context.signal,
    nodeTimeoutMs: context.timeoutMs,
    onProgress: (_, message) => {
      if (message !== null) context.progress(0, message);
    },
  });
  const output = result.structured ?? result.text;
  if (result.isError) throw new ToolError(output);
  return output;
}
