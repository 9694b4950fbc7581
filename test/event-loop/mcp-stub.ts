import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Json, JsonObject } from '../../src/core/json.js';
import { hostileStructures, type HostileText } from './hostile-json.js';

/** A pattern that takes exponential time in engines that go back. */
const OUTPUT_SCHEMA = {
  type: 'object',
  properties: { text: { type: 'string', pattern: '^(a+)+$' }, value: {} },
};

/** Results of so many bytes: within the bounds of what is taken, and beyond. */
export function toolResults(bytes: number): readonly HostileText[] {
  const structured = hostileStructures(Math.min(bytes, 900_000)).map(({ name, text }) => ({
    name: `${name}, ${text.length} bytes`,
    text: Buffer.concat([Buffer.from('{"content":[],"structuredContent":{"value":'), text, Buffer.from('}}')]),
  }));
  const texts = [bytes, 900_000].flatMap((size) => [
    { name: `one text of ${size}`, text: textResult('x'.repeat(size)) },
    { name: `escapes of ${size}`, text: textResult('\n'.repeat(size / 2)) },
    { name: `pairs of ${size}`, text: textResult('\u{1F600}'.repeat(size / 4)) },
    { name: `a hostile text of ${size}`, text: textResult('', `${'a'.repeat(size)}!`) },
  ]);
  const block = '{"type":"text","text":"x"}';
  const blocks = [30_000, 9_900, 1_000].map((count) => ({
    name: `${count} blocks`,
    text: Buffer.from(`{"content":[${Array.from({ length: count }, () => block).join(',')}],"structuredContent":{}}`),
  }));
  return [...structured, ...texts, ...blocks];
}

function textResult(text: string, hostile = 'a'): Buffer {
  return Buffer.from(JSON.stringify({ content: [{ type: 'text', text }], structuredContent: { text: hostile } }));
}

export interface McpStub {
  readonly url: string;
  close(): void;
}

/** An MCP server whose tool `give` answers with a part of each of these results: as JSON, or as an event of a stream. */
export async function startMcpStub(results: readonly HostileText[]): Promise<McpStub> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const message = (text === '' ? {} : JSON.parse(text)) as JsonObject;
      if (message['id'] === undefined) {
        response.writeHead(request.method === 'GET' ? 405 : 202).end();
        return;
      }
      const [before, behind] = [
        Buffer.from(`{"jsonrpc":"2.0","result":`),
        Buffer.from(`,"id":${JSON.stringify(message['id'])}}`),
      ];
      const result = resultOf(message, results);
      response.setHeader('content-type', 'application/json');
      const error = Buffer.from(`{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown"}`);
      response.end(Buffer.concat(result === null ? [error, behind] : [before, result, behind]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function resultOf({ method, params }: JsonObject, results: readonly HostileText[]): Buffer | null {
  const asText = (json: Json): Buffer => Buffer.from(JSON.stringify(json));
  switch (method) {
    case 'initialize':
      return asText({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'stub', version: '1' },
      });
    case 'tools/list':
      return asText({ tools: [{ name: 'give', inputSchema: { type: 'object' }, outputSchema: OUTPUT_SCHEMA }] });
    case 'tools/call': {
      const { which } = (params as { arguments: { which: number } }).arguments;
      return results[which]?.text ?? null;
    }
    default:
      return null;
  }
}
