import type { CallToolResult } from '@modelcontextprotocol/client';
import { CallQueue } from '../admission/call-queue.js';
import type { Clock } from '../core/ports/clock.js';
import type { Json } from '../core/json.js';
import type { Logger } from '../core/ports/logger.js';
import type { McpServerConfig, McpServersConfig } from '../core/ports/mcp-servers-config.js';
import type { McpTool, McpToolCall, McpToolResult, McpTools } from '../core/ports/mcp-tools.js';
import type { OutboundFetch } from '../core/ports/outbound.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import type { McpConnection } from './connection.js';
import type { Environment } from './environment.js';
import { mayUse } from './tool-names.js';

/** Of what a tool gives, as JSON in characters. */
const MAX_RESULT = 1024 * 1024;

export interface McpClientTools extends McpTools {
  /** Takes another configuration: a server that is reached as before stays connected, calls under way end as they began. */
  configure(servers: McpServersConfig): void;
  /** Ends all connections, and the programs behind them. Calls fail from then on. */
  close(): Promise<void>;
}

interface ToolsOptions {
  readonly servers: McpServersConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What `${NAME}` in the configuration stands for. */
  readonly env: Environment;
  readonly fetch: OutboundFetch;
  /** Our own, which servers are told. */
  readonly version: string;
}

interface Server {
  config: McpServerConfig;
  /** Organizations take turns at the calls that the server takes at a time. */
  readonly queue: CallQueue;
  connection: Promise<McpConnection> | null;
}

/** The tools of these servers. Nothing is started or connected before something is asked of it. */
export function createMcpTools(options: ToolsOptions): McpClientTools {
  return new ClientTools(options);
}

class ClientTools implements McpClientTools {
  readonly #options: ToolsOptions;
  readonly #servers = new Map<string, Server>();
  readonly #retired = new Set<Promise<McpConnection>>();
  #isClosed = false;

  constructor(options: ToolsOptions) {
    this.#options = options;
    this.configure(options.servers);
  }

  configure(servers: McpServersConfig): void {
    for (const [name, server] of this.#servers) {
      const config = servers.get(name);
      if (config !== undefined && reachOf(config) === reachOf(server.config)) {
        server.queue.limit({ concurrency: config.concurrency, requestsPerMinute: null });
        server.config = config;
        continue;
      }
      this.#servers.delete(name);
      if (server.connection !== null) this.#retire(server.connection);
    }
    for (const [name, config] of servers) {
      if (this.#servers.has(name)) continue;
      const queue = new CallQueue(this.#options.clock);
      queue.limit({ concurrency: config.concurrency, requestsPerMinute: null });
      this.#servers.set(name, { config, queue, connection: null });
    }
  }

  async list({
    server: name,
    workflowId,
    signal,
  }: {
    readonly server: string;
    readonly workflowId: string;
    readonly signal: AbortSignal;
  }): Promise<readonly McpTool[]> {
    const server = this.#find(name);
    const tools = await (await this.#connect(name, server)).list({ signal, timeoutMs: server.config.timeoutMs });
    return tools
      .filter((tool) => mayUse(server.config, workflowId, tool.name))
      .map(({ name: tool, description, inputSchema }) => ({
        name: tool,
        description: description ?? '',
        inputSchema: inputSchema as McpTool['inputSchema'],
      }));
  }

  async call(call: McpToolCall): Promise<McpToolResult> {
    const { server: name, tool, workflowId, signal } = call;
    const server = this.#find(name);
    if (!mayUse(server.config, workflowId, tool)) {
      const message = `The workflow ${JSON.stringify(workflowId)} may not use the tool ${JSON.stringify(tool)} of the MCP server ${JSON.stringify(name)}; mcp-servers.yaml says what it may`;
      throw new NodeFailure(message, { kind: 'mcp_not_allowed', retryable: false });
    }
    const leave = await server.queue.enter({ group: call.organizationId, signal });
    try {
      return await this.#callInTurn(name, server, call);
    } finally {
      leave();
    }
  }

  async #callInTurn(
    name: string,
    server: Server,
    { tool, arguments: given, signal, onProgress }: McpToolCall,
  ): Promise<McpToolResult> {
    const connection = await this.#connect(name, server);
    const { timeoutMs } = server.config;
    await assertKnown({ connection, name, tool, signal, timeoutMs });
    const result = await connection.call({
      tool,
      arguments: given,
      signal,
      timeoutMs,
      onProgress: ({ progress, total, message }) => {
        const share = total !== undefined && total > 0 ? Math.min(100, Math.max(0, (100 * progress) / total)) : null;
        onProgress?.(share, message ?? null);
      },
    });
    return toResult(result, name, tool);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#servers.values()].flatMap(({ connection }) => connection ?? []);
    await Promise.all([...open, ...this.#retired].map(async (connection) => (await connection).close()));
  }

  #find(name: string): Server {
    const server = this.#servers.get(name);
    if (server !== undefined) return server;
    const known = [...this.#servers.keys()];
    const hint = known.length === 0 ? 'mcp-servers.yaml declares none' : `there are ${known.join(', ')}`;
    const message = `There is no MCP server ${JSON.stringify(name)}; ${hint}`;
    throw new NodeFailure(message, { kind: 'mcp_unknown_server', retryable: false });
  }

  async #connect(name: string, server: Server): Promise<McpConnection> {
    if (this.#isClosed) throw new NodeFailure('The server is stopping', { kind: 'mcp_unavailable' });
    const { clock, logger, env, fetch, version } = this.#options;
    // The client takes a while to load, and most programs have no use for it.
    server.connection ??= import('./connection.js').then(
      ({ McpConnection: Made }) => new Made({ name, config: server.config, clock, logger, env, fetch, version }),
    );
    return server.connection;
  }

  #retire(connection: Promise<McpConnection>): void {
    this.#retired.add(connection);
    void connection.then(async (old) => {
      await old.close({ whenIdle: true });
    });
  }
}

/** All that its connection depends on. */
function reachOf(config: McpServerConfig): string {
  return JSON.stringify(
    config.transport === 'stdio' ? [config.command, config.args, config.env, config.cwd] : [config.url, config.headers],
  );
}

async function assertKnown(params: {
  readonly connection: McpConnection;
  readonly name: string;
  readonly tool: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}): Promise<void> {
  const { connection, name, tool, signal, timeoutMs } = params;
  for (const fresh of [false, true]) {
    const tools = await connection.list({ signal, timeoutMs, fresh });
    if (tools.some((known) => known.name === tool)) return;
    if (!fresh) continue;
    const known = tools.map((other) => other.name).join(', ');
    const message = `The MCP server ${JSON.stringify(name)} has no tool ${JSON.stringify(tool)}; it has ${known.slice(0, 500)}`;
    throw new NodeFailure(message, { kind: 'mcp_unknown_tool', retryable: false });
  }
}

function toResult(result: CallToolResult, server: string, tool: string): McpToolResult {
  const { content, structuredContent, isError } = result;
  const length = JSON.stringify([content, structuredContent]).length;
  if (length > MAX_RESULT) {
    const message = `The tool ${JSON.stringify(tool)} of the MCP server ${JSON.stringify(server)} gave ${length} characters of JSON; at most ${MAX_RESULT} are taken`;
    throw new NodeFailure(message, { kind: 'response_too_large', retryable: false });
  }
  return {
    text: content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('\n'),
    content: content as unknown as readonly Json[],
    ...(structuredContent === undefined ? {} : { structured: structuredContent as Json }),
    isError: isError === true,
  };
}
