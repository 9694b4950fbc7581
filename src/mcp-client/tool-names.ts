import type { Tool } from '@modelcontextprotocol/client';
import type { McpServerConfig } from '../core/ports/mcp-servers-config.js';

/** Whether the workflow may use the tool, by the server's own list and by the workflow's. */
export function mayUse(config: McpServerConfig, workflowId: string, tool: string): boolean {
  if (!isNamed(config.allow, tool)) return false;
  if (config.workflows === null) return true;
  return Object.hasOwn(config.workflows, workflowId) && isNamed(config.workflows[workflowId] ?? [], tool);
}

function isNamed(patterns: readonly string[] | null, tool: string): boolean {
  return patterns === null || patterns.some((pattern) => fits(pattern, tool));
}

/** `*` stands for any text. Without regular expressions, which patterns with many stars would keep busy. */
function fits(pattern: string, name: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/**
 * Whether a call may be made again of which nobody knows what came of it. Only what the tool says of itself forbids it:
 * most say nothing.
 */
export function mayBeRepeated(tool: Pick<Tool, 'annotations'> | undefined): boolean {
  const { readOnlyHint, idempotentHint, destructiveHint } = tool?.annotations ?? {};
  if (readOnlyHint === true || idempotentHint === true) return true;
  return idempotentHint !== false && destructiveHint !== true;
}
