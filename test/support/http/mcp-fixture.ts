import { serveFixture, type FixtureOptions } from '../../../conformance/server/serve-fixture.js';

export const STATELESS = '2026-07-28';
const PREFIX = 'io.modelcontextprotocol/';
export const TASKS = { extensions: { [`${PREFIX}tasks`]: {} } };

export interface StatelessOptions {
  readonly id?: string | number;
  readonly capabilities?: object;
  /** Beside what every request carries; a value of undefined leaves a field out. */
  readonly meta?: Record<string, unknown>;
  readonly headers?: Record<string, string | undefined>;
  readonly signal?: AbortSignal;
}

const NAMED_BY: Record<string, string> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

/** POSTs a request as a client of the stateless era does: all of itself in `_meta`, and its headers to match. */
export async function ask(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  { id = 1, capabilities = {}, meta = {}, headers = {}, signal }: StatelessOptions = {},
): Promise<Response> {
  const name = params[NAMED_BY[method] ?? 'taskId'];
  const sent = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': STATELESS,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    ...headers,
  };
  const envelope = {
    [`${PREFIX}protocolVersion`]: STATELESS,
    [`${PREFIX}clientInfo`]: { name: 'test', version: '1' },
    [`${PREFIX}clientCapabilities`]: capabilities,
    ...meta,
  };
  return await fetch(url, {
    method: 'POST',
    headers: Object.fromEntries(
      Object.entries(sent).filter((field): field is [string, string] => field[1] !== undefined),
    ),
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: envelope } }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export interface RpcBody {
  readonly id: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

export async function bodyOf(response: Response | Promise<Response>): Promise<RpcBody> {
  return (await (await response).json()) as RpcBody;
}

/** The messages of an event stream as they come. To leave the loop is to close the connection. */
export async function* messagesOf(response: Response): AsyncGenerator<RpcBody, void> {
  if (response.headers.get('content-type') !== 'text/event-stream') throw new Error(await response.text());
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const data = frame.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as RpcBody;
    }
  }
}

export async function collect(response: Response): Promise<RpcBody[]> {
  const messages: RpcBody[] = [];
  for await (const message of messagesOf(response)) messages.push(message);
  return messages;
}

/** The server of the conformance suite: a contract that has all that the protocol layer can do. */
export async function startMcpFixture(options: Omit<FixtureOptions, 'port'> = {}) {
  const server = await serveFixture({ ...options, port: 0 });
  return { url: `${server.url}/mcp`, close: () => server.close({ graceMs: 0 }) };
}

export type McpFixture = Awaited<ReturnType<typeof startMcpFixture>>;
