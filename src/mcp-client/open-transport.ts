import { StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import {
  fillVariables,
  type HttpMcpServer,
  type McpServerConfig,
  type StdioMcpServer,
  variablesIn,
} from '../core/ports/mcp-servers-config.js';
import type { OutboundFetch } from '../core/ports/outbound.js';
import type { Environment } from './environment.js';
import { BoundedReadBuffer, boundBody } from './bounded-messages.js';
import { limitBody } from './limit-body.js';

/** No message of a server may be longer, in bytes. A result of a tool may be in it twice, as a value and as its text. */
const MAX_MESSAGE = 4 * 1024 * 1024;

export interface OpenTransport {
  readonly transport: Transport;
  /** Takes leave of the server, where that means anything. */
  readonly leave: () => Promise<void>;
}

/**
 * A transport that is not started yet. Throws when a variable is missing, naming it. `onLine` is given what the program
 * writes to its standard error.
 */
export function openTransport(params: {
  readonly config: McpServerConfig;
  readonly env: Environment;
  readonly fetch: OutboundFetch;
  readonly onLine: (line: string) => void;
}): OpenTransport {
  const { config, env, fetch, onLine } = params;
  return config.transport === 'stdio' ? openStdio(config, env, onLine) : openHttp(config, env, fetch);
}

function openStdio(config: StdioMcpServer, env: Environment, onLine: (line: string) => void): OpenTransport {
  const configured = fillAll(config.env, env);
  // The transport adds PATH, HOME and their like by itself.
  const language = env['LANG'] === undefined ? {} : { LANG: env['LANG'] };
  const transport = new StdioClientTransport({
    command: config.command,
    args: [...config.args],
    env: { ...language, ...configured },
    cwd: config.cwd,
    stderr: 'pipe',
    maxBufferSize: MAX_MESSAGE,
  });
  // The client finds out which protocol a program speaks only with a transport that is of this very class, so its
  // buffer is replaced.
  Object.defineProperty(transport, '_readBuffer', { value: new BoundedReadBuffer({ maxBufferSize: MAX_MESSAGE }) });
  let rest = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString('utf8')}`.split('\n');
    rest = (lines.pop() ?? '').slice(-2_000);
    for (const line of lines) if (line.trim() !== '') onLine(line.slice(0, 2_000));
  });
  return { transport, leave: () => Promise.resolve() };
}

function openHttp(config: HttpMcpServer, env: Environment, fetch: OutboundFetch): OpenTransport {
  const { url, ...headers } = fillAll({ ...config.headers, url: config.url }, env);
  const transport = new StreamableHTTPClientTransport(new URL(url ?? ''), {
    requestInit: { headers },
    fetch: async (input, init) => boundBody(limitBody(await fetch(input, init), MAX_MESSAGE)),
  });
  return {
    transport,
    leave: async () => {
      if (transport.sessionId !== undefined) await transport.terminateSession();
    },
  };
}

function fillAll(texts: { readonly [name: string]: string }, env: Environment): { [name: string]: string } {
  for (const name of Object.values(texts).flatMap((text) => variablesIn(text))) {
    if (env[name] === undefined) throw new Error(`the environment variable ${name} is not set`);
  }
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fillVariables(text, env)]));
}
