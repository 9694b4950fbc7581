import { describe, expect, it } from 'vitest';
import type { McpToolCall, McpToolResult } from '../core/ports/mcp-tools.js';
import { createNodeContext } from '../testing/node-context.js';
import { mcpKind } from './mcp.js';

const RESULT: McpToolResult = { text: 'done', content: [{ type: 'text', text: 'done' }], isError: false };

function contextFor(result: McpToolResult, calls: McpToolCall[] = []) {
  const { context, reports } = createNodeContext({ input: { q: 1 }, fields: { server: 'crm', tool: 'find' } });
  const call = async (made: McpToolCall): Promise<McpToolResult> => {
    calls.push(made);
    made.onProgress?.(40, 'looking');
    made.onProgress?.(null, 'still');
    return result;
  };
  return { context: { ...context, mcp: { ...context.mcp, call } }, reports };
}

describe('an mcp node', () => {
  it('calls the tool as its workflow, and gives all that the tool gave', async () => {
    const calls: McpToolCall[] = [];
    const { context, reports } = contextFor({ ...RESULT, structured: { n: 1 } }, calls);
    expect(await mcpKind.execute(context)).toEqual({ text: 'done', structured: { n: 1 }, content: RESULT.content });
    expect(calls).toMatchObject([{ server: 'crm', tool: 'find', arguments: { q: 1 }, workflowId: 'w' }]);
    expect(calls[0]?.signal).toBe(context.signal);
    expect(reports.progress).toEqual([
      { percent: 40, message: 'looking' },
      { percent: 0, message: 'still' },
    ]);
  });

  it('always has the same fields in its output', async () => {
    expect(await mcpKind.execute(contextFor(RESULT).context)).toEqual({
      text: 'done',
      structured: null,
      content: RESULT.content,
    });
  });

  it('fails when the tool says that it failed', async () => {
    const work = mcpKind.execute(contextFor({ ...RESULT, text: 'no such customer', isError: true }).context);
    await expect(work).rejects.toMatchObject({
      kind: 'mcp_tool_error',
      retryable: true,
      message: 'The tool find of the MCP server crm failed: no such customer',
    });
  });
});
