import type { Style } from '../cli/terminal/style.js';
import { safeText } from '../cli/terminal/text-width.js';
import { ErrandError } from '../core/errors.js';
import { isJsonObject } from '../core/json.js';
import type { Json, JsonObject } from '../core/json.js';
import { abridge } from './abridge.js';
import { prettyJson } from './pretty-json.js';

/** One tool call over HTTP: what was sent and what came back. */
export interface McpExchange {
  readonly contract: 'A' | 'B';
  readonly tool: string;
  readonly url: string;
  readonly request: JsonObject;
  readonly status: number;
  readonly answer: Json;
  /** The tool's own result, which the answer carries as a text. */
  readonly result: JsonObject;
}

const MOUNTS = { A: '/mcp/workflows/', B: '/api/mcp-app' } as const;
const TIMEOUT_MS = 30_000;

/** Calls a tool of a contract, as MCP clients do. Throws when the tool answers with an error. */
export async function callTool(params: {
  readonly contract: 'A' | 'B';
  readonly baseUrl: string;
  readonly key: string;
  readonly tool: string;
  readonly args: JsonObject;
}): Promise<McpExchange> {
  const { contract, tool } = params;
  const url = params.baseUrl + MOUNTS[contract];
  const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: params.args } };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${params.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json()) as Json;
  return { contract, tool, url, request, status: response.status, answer, result: readResult(answer, tool) };
}

/** A text of the tool's result. */
export function textField({ tool, result }: McpExchange, name: string): string {
  const value = result[name];
  if (typeof value === 'string') return value;
  throw new ErrandError('internal', `The tool ${tool} answered without ${name}.`);
}

/** The request and the answer, for people; long parts are cut with a note. */
export function renderExchange(params: {
  readonly exchange: McpExchange;
  readonly key: string;
  readonly width: number;
  readonly style: Style;
}): string[] {
  const { key, width, style } = params;
  const { contract, tool, url, request, status, answer, result } = params.exchange;
  // Enough of each to see its shape, and no text much wider than the screen.
  const limits = { items: 2, characters: Math.max(40, width - 50) };
  const json = (value: Json): string[] =>
    prettyJson(abridge(value, limits), width - 2).map((line) => `  ${safeText(line)}`);
  const lines = [
    style('bold', `Contract ${contract} · ${tool}`),
    '',
    `  ${style('cyan', `POST ${url}`)}`,
    `  ${style('dim', `Authorization: Bearer ${key.slice(0, 12)}…`)}`,
    ...json(request),
    '',
    `  ${style('cyan', `HTTP ${status}`)}`,
    ...json(answer),
  ];
  if (isJsonObject(answer) && isJsonObject(answer['result']) && 'structuredContent' in answer['result']) return lines;
  return [...lines, '', `  ${style('dim', 'The text in there, parsed:')}`, ...json(result)];
}

function readResult(answer: Json, tool: string): JsonObject {
  const result = isJsonObject(answer) ? answer['result'] : undefined;
  const content = isJsonObject(result) ? result['content'] : undefined;
  const first: Json | undefined = Array.isArray(content) ? (content as readonly Json[])[0] : undefined;
  const text = isJsonObject(first) ? first['text'] : undefined;
  const failed = !isJsonObject(result) || result['isError'] === true || typeof text !== 'string';
  if (failed) throw new ErrandError('internal', `The tool ${tool} answered with an error: ${JSON.stringify(answer)}`);
  return JSON.parse(text) as JsonObject;
}
