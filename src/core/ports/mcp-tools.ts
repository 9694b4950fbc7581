import type { Json, JsonSchema } from '../json.js';

/** A tool of an MCP server that this server is told of. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
}

/** Who asks an MCP server. */
export interface McpCaller {
  /** The server's name in the configuration. */
  readonly server: string;
  /** Whose allow-list counts. */
  readonly workflowId: string;
  /** Organizations take turns where a server takes only so many calls at a time. */
  readonly organizationId: string;
  readonly runId: string;
  readonly signal: AbortSignal;
}

export interface McpToolCall extends McpCaller {
  readonly tool: string;
  readonly arguments: { readonly [name: string]: Json };
  /** The node's own time-out, in milliseconds; null when it has none. */
  readonly nodeTimeoutMs: number | null;
  /** Sent along as `_meta`. */
  readonly meta?: { readonly [name: string]: Json };
  /** What the server tells on the way: `message`, and how far it is in percent where it says. */
  readonly onProgress?: (percent: number | null, message: string | null) => void;
}

export type McpToolResult = {
  /** All text blocks, joined by line breaks. */
  readonly text: string;
  /** The blocks as they came. */
  readonly content: readonly Json[];
  /** Absent when the tool gave none. */
  readonly structured?: Json;
  readonly isError: boolean;
};

/** The tools of the MCP servers in the configuration. */
export interface McpTools {
  /**
   * What the workflow may call there. Throws a NodeFailure: `mcp_unknown_server` (not retryable), `mcp_unavailable` (it
   * cannot be started or reached).
   */
  list(caller: McpCaller): Promise<readonly McpTool[]>;
  /**
   * Throws a NodeFailure: those of `list`, `mcp_not_allowed` and `mcp_unknown_tool` (not retryable), `mcp_error` (a
   * protocol error), `timeout`. A tool that says that it failed is a result.
   */
  call(call: McpToolCall): Promise<McpToolResult>;
}
