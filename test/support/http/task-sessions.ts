import { Client, StreamableHTTPClientTransport as Transport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';

const INFO = { name: 'test', version: '1.0.0' };
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

interface Place {
  readonly url: URL;
  readonly headers: { readonly authorization: string };
}

let ids = 0;

/** A session of the Tasks client in the stateless era. */
export async function openStatelessSession({ url, headers }: Place) {
  const capabilities = { ...TASKS, elicitation: {} };
  const client = new Client(INFO, { capabilities, versionNegotiation: { mode: 'auto' } });
  await client.connect(new Transport(url, { requestInit: { headers } }));
  const session = createTaskSessionFromClient(client, {
    endpointId: url.href,
    // The client itself cannot carry answers that are tasks.
    rawDispatch: async (framed, options) => {
      const request = framed as unknown as { readonly method: string; readonly params?: { readonly name?: string } };
      const name = request.params?.name;
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': request.method,
          ...(name === undefined ? {} : { 'mcp-name': name }),
          ...options?.context?.headers,
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: `raw-${++ids}`, ...request }),
        ...(options?.signal === undefined ? {} : { signal: options.signal }),
      });
      const { result, error } = (await response.json()) as { result: never; error?: never };
      return error === undefined ? { kind: 'result', result } : { kind: 'error', error };
    },
    v2RequestFraming: { protocolVersion: '2026-07-28', clientInfo: INFO, clientCapabilities: capabilities },
    onInputRequest: async () => ({ action: 'accept', content: { approved: true, remark: 'asked' } }) as never,
  });
  return { session, close: () => client.close() };
}

/** The same in the era of handshakes. */
export async function openHandshakeSession({ url, headers }: Place) {
  const client = new Client(INFO);
  await client.connect(new Transport(url, { requestInit: { headers } }));
  return { session: createTaskSessionFromClient(client, { endpointId: url.href }), close: () => client.close() };
}
