import { cutText } from '../core/text/cut-text.js';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { CallQueue } from '../admission/call-queue.js';
import type { Clock } from '../core/ports/clock.js';
import type { Json } from '../core/json.js';
import type { Logger } from '../core/ports/logger.js';
import type { McpServerConfig, McpServersConfig } from '../core/ports/mcp-servers-config.js';
import type { McpCaller, McpTool, McpToolCall, McpToolResult, McpTools } from '../core/ports/mcp-tools.js';
import type { OutboundFetch } from '../core/ports/outbound.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import type { CheckBySchema, KnownServer, McpConnection } from './connection.js';
import { McpConnections } from './connections.js';
import type { Environment } from './environment.js';
import { mayUse } from './tool-names.js';

/** The longest result of a tool, in characters of JSON. */
const MAX_RESULT = 1024 * 1024;

export interface McpClientTools extends McpTools {
  /**
   * Takes another configuration: a server that is reached as before stays connected, calls under way end as they began.
   */
  configure(servers: McpServersConfig): void;
  /** Of the servers that it has now. */
  names(): ReadonlySet<string>;
  /** Ends all connections, and the programs behind them. Calls fail from then on. */
  close(): Promise<void>;
}

interface ToolsOptions {
  readonly check: CheckBySchema;
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
  readonly connections: McpConnections;
}

/** The tools of these servers. Nothing is started or connected before something is asked of it. */
export function createMcpTools(options: ToolsOptions): McpClientTools {
  return new ClientTools(options);
}

class ClientTools implements McpClientTools {
  readonly #options: ToolsOptions;
  readonly #servers = new Map<string, Server>();
  readonly #retired = new Set<McpConnections>();
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
      this.#retired.add(server.connections);
      void server.connections.close({ whenIdle: true });
    }
    for (const [name, config] of servers) {
      if (this.#servers.has(name)) continue;
      const queue = new CallQueue(this.#options.clock);
      queue.limit({ concurrency: config.concurrency, requestsPerMinute: null });
      this.#servers.set(name, { config, queue, connections: this.#connectionsTo(name, config) });
    }
  }

  names(): ReadonlySet<string> {
    return new Set(this.#servers.keys());
  }

  async list(caller: McpCaller): Promise<readonly McpTool[]> {
    const server = this.#find(caller.server);
    const connection = await this.#connect(server, caller);
    const tools = await connection.list({ signal: caller.signal, timeoutMs: timeoutOf(server.config) });
    return tools
      .filter((tool) => mayUse(server.config, caller.workflowId, tool.name))
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
      return await this.#callInTurn(server, call);
    } finally {
      leave();
    }
  }

  async #callInTurn(server: Server, call: McpToolCall): Promise<McpToolResult> {
    const { server: name, tool, signal, onProgress } = call;
    const { config } = server;
    const connection = await this.#connect(server, call);
    const timeoutMs = timeoutOf(config);
    await assertKnown({ connection, name, tool, signal, timeoutMs });
    const result = await connection.call({
      tool,
      arguments: call.arguments,
      ...(call.meta === undefined ? {} : { meta: call.meta }),
      signal,
      timeoutMs,
      silenceMs: config.timeoutMs ?? call.nodeTimeoutMs ?? timeoutMs,
      onProgress: ({ progress, total, message }) => {
        const share = total !== undefined && total > 0 ? Math.min(100, Math.max(0, (100 * progress) / total)) : null;
        onProgress?.(share, message ?? null);
      },
    });
    return toResult(result, name, tool);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#servers.values()].map(({ connections }) => connections);
    await Promise.all([...open, ...this.#retired].map((connections) => connections.close()));
  }

  #find(name: string): Server {
    const server = this.#servers.get(name);
    if (server !== undefined) return server;
    const known = [...this.#servers.keys()];
    const hint = known.length === 0 ? 'mcp-servers.yaml declares none' : `there are ${known.join(', ')}`;
    const message = `There is no MCP server ${JSON.stringify(name)}; ${hint}`;
    throw new NodeFailure(message, { kind: 'mcp_unknown_server', retryable: false });
  }

  #connect({ config, connections }: Server, { organizationId, runId }: McpCaller): Promise<McpConnection> {
    if (this.#isClosed) throw new NodeFailure('The server is stopping', { kind: 'mcp_unavailable' });
    if (config.per === 'organization') return connections.get(organizationId);
    return connections.get(config.per === 'run' ? runId : '');
  }

  #connectionsTo(name: string, config: McpServerConfig): McpConnections {
    const { clock, logger, env, fetch, version, check } = this.#options;
    const known: KnownServer = { isLegacy: false };
    return new McpConnections({
      name,
      open: async (onIdle) => {
        // The client takes a while to load, and most programs have no use for it.
        const { McpConnection: Made } = await import('./connection.js');
        return new Made({ name, config, clock, logger, env, fetch, version, check, known, onIdle });
      },
    });
  }
}

const USUAL_TIMEOUT_MS = 60_000;

function timeoutOf({ timeoutMs }: McpServerConfig): number {
  return timeoutMs ?? USUAL_TIMEOUT_MS;
}

/** All that its connections depend on. */
function reachOf(config: McpServerConfig): string {
  const { per = 'server' } = config;
  return JSON.stringify(
    config.transport === 'stdio'
      ? [per, config.command, config.args, config.env, config.cwd]
      : [per, config.url, config.headers],
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
    const message = `The MCP server ${JSON.stringify(name)} has no tool ${JSON.stringify(tool)}; it has ${cutText(known, 500)}`;
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
