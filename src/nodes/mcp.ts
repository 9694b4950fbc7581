import { cutText } from '../core/text/cut-text.js';
import { NodeFailure, type NodeKind } from '../core/handlers/node-kind.js';

/** Calls a tool of an MCP server; the output is `{ text, structured, content }`. */
export const mcpKind: NodeKind = {
  kind: 'mcp',
  description: 'Calls a tool of an MCP server.',
  fields: {
    server: {
      description: "The server's name in mcp-servers.yaml.",
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'plain',
      names: 'mcp_server',
    },
    tool: {
      description: "The tool's name.",
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'plain',
    },
  },
  seesSecrets: true,
  withSchema: { type: 'object' },
  standIn: () => ({ text: '', structured: null, content: [] }),
  async execute({ input, fields, mcp, run, organization, signal, timeoutMs, progress }) {
    const { server, tool } = fields as { readonly server: string; readonly tool: string };
    const result = await mcp.call({
      server,
      tool,
      arguments: input as { readonly [name: string]: never },
      workflowId: run.workflowId,
      organizationId: organization.id,
      runId: run.id,
      signal,
      nodeTimeoutMs: timeoutMs,
      onProgress: (percent, message) => progress(percent ?? 0, message ?? undefined),
    });
    const { text, content, structured = null, isError } = result;
    if (isError) {
      const told = text === '' ? 'it did not say why' : cutText(text, 4_000);
      throw new NodeFailure(`The tool ${tool} of the MCP server ${server} failed: ${told}`, { kind: 'mcp_tool_error' });
    }
    return { text, structured, content };
  },
};
