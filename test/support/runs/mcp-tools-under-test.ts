import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { startToolServer, type ToolServer } from '../tool-servers/tool-server.mjs';
import type { Clock } from '../../../src/core/ports/clock.js';
import type { Json } from '../../../src/core/json.js';
import type { Logger } from '../../../src/core/ports/logger.js';
import type { HttpMcpServer, McpServerConfig, StdioMcpServer } from '../../../src/core/ports/mcp-servers-config.js';
import type { McpToolCall, McpToolResult } from '../../../src/core/ports/mcp-tools.js';
import { NodeFailure } from '../../../src/core/handlers/node-kind.js';
import { nodeClock } from '../../../src/app/process/node-clock.js';
import { findForeignProblems } from '../../../src/workflow/schema/check-foreign.js';
import { loopbackOutbound } from '../../../src/testing/loopback-outbound.js';
import { createMcpTools, type McpClientTools } from '../../../src/mcp-client/mcp-tools.js';

/** Tools of MCP servers over both transports; each test has its own servers. */

export const program = fileURLToPath(new URL('../tool-servers/tool-server.mjs', import.meta.url));
const plainProgram = fileURLToPath(new URL('../tool-servers/plain-tool-server.mjs', import.meta.url));
const RULES = { timeoutMs: null, allow: null, workflows: null, concurrency: null };

// Programs are started, on machines that may have much else to do.
vi.setConfig({ testTimeout: 180_000 });
export const SOON = 90_000;

export const CALLER = { workflowId: 'w', organizationId: 'o', runId: 'r' };

export let dir: string;
export let callsFile: string;
export let http: ToolServer;
export let tools: McpClientTools;
export let logged: string[];

const logger: Logger = {
  debug: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
  info: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
  warn: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
  error: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
};

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'errand-mcp-')));
  callsFile = join(dir, 'calls');
});

beforeEach(async () => {
  logged = [];
  writeFileSync(callsFile, '');
  http = await startToolServer();
  tools = use({ stdio: stdio(), http: overHttp() });
});

afterEach(async () => {
  await tools.close();
  await http.close();
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

export function stdio(more: Partial<StdioMcpServer> = {}): StdioMcpServer {
  const env = { TOOL_CALLS: callsFile, TOKEN: '${SECRET}' };
  return { ...RULES, transport: 'stdio', command: process.execPath, args: [program], env, cwd: dir, ...more };
}

export function plain(more: Partial<StdioMcpServer> = {}): StdioMcpServer {
  return stdio({ args: [plainProgram], env: {}, ...more });
}

export function overHttp(more: Partial<HttpMcpServer> = {}): HttpMcpServer {
  return { ...RULES, transport: 'http', url: http.url, headers: { authorization: 'Bearer ${SECRET}' }, ...more };
}

/** Asks these servers until the test ends. */
export function useTools(servers: { readonly [name: string]: McpServerConfig }, clock?: Clock): void {
  tools = use(servers, clock);
}

export function use(servers: { readonly [name: string]: McpServerConfig }, clock: Clock = nodeClock): McpClientTools {
  // As a file with a secret in it ends.
  const env = { SECRET: 'sesame-open\n', LANG: 'C.UTF-8' };
  const { fetch } = loopbackOutbound;
  return createMcpTools({
    check: (schema, value) => findForeignProblems(schema, value, undefined),
    servers: new Map(Object.entries(servers)),
    clock,
    logger,
    env,
    fetch,
    version: '1.0.0',
  });
}

export function call(
  server: string,
  tool: string,
  given: { [name: string]: Json } = {},
  more: Partial<McpToolCall> = {},
): Promise<McpToolResult> {
  const { signal } = new AbortController();
  return tools.call({ ...CALLER, server, tool, arguments: given, nodeTimeoutMs: null, signal, ...more });
}

export async function failureOf(work: Promise<unknown>): Promise<NodeFailure> {
  const thrown: unknown = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (thrown instanceof NodeFailure) return thrown;
  throw new Error(`it did not fail as a node: ${JSON.stringify(thrown)}`, { cause: thrown });
}

export const namesOf = async (server: string, workflowId = 'w'): Promise<string[]> =>
  (await tools.list({ ...CALLER, server, workflowId, signal: new AbortController().signal })).map(({ name }) => name);

export const pidOf = async (): Promise<number> =>
  (JSON.parse((await call('stdio', 'environment')).text) as { pid: number }).pid;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const ALL = ['echo', 'add', 'slow', 'fails', 'refuses', 'crash', 'huge', 'blocks', 'environment', 'learn'];
