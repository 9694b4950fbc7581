import type { Style } from '../cli/style.js';
import { safeText } from '../cli/text-width.js';
import { ErrandError } from '../core/errors.js';
import { isJsonObject } from '../core/json.js';
import type { Json, JsonObject } from '../core/json.js';
import { abridge } from './abridge.js';

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
/** Enough of each to see its shape. */
const LIMITS = { items: 2, characters: 100 } as const;
const TIMEOUT_MS = 30_000;

/** Calls a tool of a contract as any MCP client would. Throws when the tool answers with an error. */
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
  return { contract, tool, url, request, status: response.status, answer, result: resultOf(answer, tool) };
}

/** A text of the tool's result. */
export function textField({ tool, result }: McpExchange, name: string): string {
  const value = result[name];
  if (typeof value === 'string') return value;
  throw new ErrandError('internal', `The tool ${tool} answered without ${name}.`);
}

/** The request and the answer, for people; long parts are cut with a note. */
export function renderExchange(exchange: McpExchange, key: string, style: Style): string[] {
  const { contract, tool, url, request, status, answer, result } = exchange;
  return [
    style('bold', `Contract ${contract} · ${tool}`),
    '',
    `  ${style('cyan', `POST ${url}`)}`,
    `  ${style('dim', `Authorization: Bearer ${key.slice(0, 12)}…`)}`,
    ...jsonLines(request),
    '',
    `  ${style('cyan', `HTTP ${status}`)}`,
    ...jsonLines(answer),
    '',
    `  ${style('dim', 'The text in result.content[0], parsed:')}`,
    ...jsonLines(result),
  ];
}

function jsonLines(value: Json): string[] {
  return safeText(JSON.stringify(abridge(value, LIMITS), null, 2))
    .split('\n')
    .map((line) => `  ${line}`);
}

function resultOf(answer: Json, tool: string): JsonObject {
  const result = isJsonObject(answer) ? answer['result'] : undefined;
  const content = isJsonObject(result) ? result['content'] : undefined;
  const first: Json | undefined = Array.isArray(content) ? (content as readonly Json[])[0] : undefined;
  const text = isJsonObject(first) ? first['text'] : undefined;
  const failed = !isJsonObject(result) || result['isError'] === true || typeof text !== 'string';
  if (failed) throw new ErrandError('internal', `The tool ${tool} answered with an error: ${JSON.stringify(answer)}`);
  return JSON.parse(text) as JsonObject;
}
