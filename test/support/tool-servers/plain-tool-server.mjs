// An MCP server without any SDK, of the era with sessions, whose answers are texts: so it can say what no SDK would.
// Over stdio:
//   node plain-tool-server.mjs
// Over HTTP, with an event stream for each call: startPlainToolServer().
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const TOOLS = [
  { name: 'order', description: 'Gives an order whose number no float can hold.' },
  { name: 'count', description: 'Gives its process, and how often it was called there.' },
  { name: 'tick', description: 'Tells of its progress, so many times, every 30 milliseconds.' },
  { name: 'pay', description: 'Never answers.', annotations: { idempotentHint: false } },
  { name: 'look', description: 'Never answers.', annotations: { readOnlyHint: true } },
].map((tool) => ({ ...tool, inputSchema: { type: 'object' } }));

let count = 0;

/** Calls `send` with the text of each message that answers this one. */
async function answer({ id, method, params }, send, note = () => undefined) {
  if (id === undefined) return;
  const result = (text) => send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${text}}`);
  if (method === 'initialize') {
    const serverInfo = { name: 'plain', version: '1' };
    result(JSON.stringify({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo }));
  } else if (method === 'tools/list') result(JSON.stringify({ tools: TOOLS }));
  else if (method !== 'tools/call') {
    send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'no such method' } }));
  } else await call({ ...params, note }, send, result);
}

async function call({ name, arguments: args = {}, _meta: meta, note }, send, result) {
  note(name);
  if (name === 'order') result(`{"content":[],"structuredContent":{"id":${args.id}}}`);
  else if (name === 'count') {
    count += 1;
    result(JSON.stringify({ content: [{ type: 'text', text: `${process.pid} ${count}` }] }));
  } else if (name === 'tick') {
    for (let tick = 1; tick <= args.ticks; tick++) {
      await new Promise((resolve) => void setTimeout(resolve, 30));
      const told = { progressToken: meta?.progressToken, progress: tick };
      send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: told }));
    }
    result('{"content":[{"type":"text","text":"done"}]}');
  }
}

export async function startPlainToolServer() {
  const notes = [];
  const http = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const message = JSON.parse(Buffer.concat(chunks).toString());
      if (message.id === undefined) return void response.writeHead(202).end();
      const isStream = message.method === 'tools/call' && message.params.arguments?.plain !== true;
      response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
      const send = isStream
        ? (text) => response.write(`event: message\ndata: ${text}\n\n`)
        : (text) => response.write(text);
      const isOpen = ['pay', 'look'].includes(message.params?.name);
      void answer(message, send, (name) => void notes.push(name)).then(() => isOpen || response.end());
    });
  });
  await new Promise((resolve) => void http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${http.address().port}/mcp`,
    notes,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => void http.close(resolve));
    },
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const send = (text) => process.stdout.write(`${text}\n`);
  createInterface({ input: process.stdin }).on('line', (line) => void answer(JSON.parse(line), send));
}
