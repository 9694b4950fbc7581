// An MCP server with tools to try a client on, made with the official SDK (1.x, so of the era with sessions). Over
// stdio:
//   node tool-server.mjs
// Over HTTP, on a free port whose address it prints:
//   node tool-server.mjs --http
// Every call of a tool adds a line with the tool's name to the file that TOOL_CALLS names, if it names one.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const PAGE = 3;

const object = (properties = {}, required = Object.keys(properties)) => ({ type: 'object', properties, required });
const text = (value) => ({ content: [{ type: 'text', text: value }] });

/** By name: what tools/list says of it, and what it does. */
const TOOLS = {
  echo: {
    description: 'Says what it is told.',
    inputSchema: object({ text: { type: 'string' } }),
    run: ({ text: said }) => text(said),
  },
  add: {
    description: 'Adds two numbers.',
    inputSchema: object({ a: { type: 'number' }, b: { type: 'number' } }),
    outputSchema: object({ sum: { type: 'number' } }),
    run: ({ a, b }) => ({ ...text(`${a} + ${b} = ${a + b}`), structuredContent: { sum: a + b } }),
  },
  slow: {
    description: 'Tells of its progress, step by step, and ends after the last; with `forever` it does not end.',
    inputSchema: object({ steps: { type: 'integer' }, forever: { type: 'boolean' } }, ['steps']),
    async run({ steps, forever = false }, { signal, progress, note }) {
      for (let step = 1; step <= steps; step++)
        await progress({ progress: step, total: steps, message: `step ${step}` });
      if (forever) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        note('slow was cancelled');
      }
      return text(`${steps} steps`);
    },
  },
  fails: {
    description: 'Fails, and says so.',
    inputSchema: object(),
    run: () => ({ ...text('no such customer'), isError: true }),
  },
  refuses: {
    description: 'Fails with an error of the protocol.',
    inputSchema: object(),
    run: () => {
      throw new Error('the database is closed');
    },
  },
  crash: {
    description: 'Ends the process in the middle of the call.',
    inputSchema: object(),
    run: () => process.exit(3),
  },
  huge: {
    description: 'Gives so many bytes of text.',
    inputSchema: object({ bytes: { type: 'integer' } }),
    run: ({ bytes }) => text('x'.repeat(bytes)),
  },
  blocks: {
    description: 'Gives several blocks.',
    inputSchema: object(),
    run: () => ({
      content: [
        { type: 'text', text: 'one' },
        { type: 'image', data: 'AAAA', mimeType: 'image/png' },
        { type: 'text', text: 'two' },
      ],
    }),
  },
  environment: {
    description: 'Gives its process id, its working folder, the variables of its environment, and `_meta` of the call.',
    inputSchema: object(),
    run: (_, { meta }) => text(JSON.stringify({ pid: process.pid, cwd: process.cwd(), env: process.env, meta })),
  },
  learn: {
    description: 'Has the server offer one more tool, and tell that it does.',
    inputSchema: object({ name: { type: 'string' } }),
    async run({ name }, { learn }) {
      await learn(name);
      return text(`learnt ${name}`);
    },
  },
};

/** A server for one connection. `note` is told of every call. */
function createToolServer(note) {
  const tools = new Map(Object.entries(TOOLS));
  const server = new Server({ name: 'tools', version: '1.0.0' }, { capabilities: { tools: { listChanged: true } } });
  const learn = async (name) => {
    tools.set(name, { ...TOOLS.echo, description: 'Learnt.' });
    await server.sendToolListChanged();
  };
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const from = Number(params?.cursor ?? 0);
    const all = [...tools].map(([name, { description, inputSchema, outputSchema }]) => ({
      name,
      description,
      inputSchema,
      ...(outputSchema === undefined ? {} : { outputSchema }),
    }));
    const rest = from + PAGE < all.length ? { nextCursor: String(from + PAGE) } : {};
    return { tools: all.slice(from, from + PAGE), ...rest };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const tool = tools.get(params.name);
    if (tool === undefined) throw new Error(`no tool ${params.name}`);
    note(params.name);
    const { _meta: meta } = params;
    const progressToken = meta?.progressToken;
    const progress = async (told) => {
      if (progressToken === undefined) return;
      await sendNotification({ method: 'notifications/progress', params: { progressToken, ...told } });
    };
    return tool.run(params.arguments ?? {}, { signal, progress, note, learn, meta });
  });
  return server;
}

/** Serves over HTTP, with a session for each client. */
export async function startToolServer() {
  const notes = [];
  const requests = [];
  const sessions = new Map();
  const http = createServer((request, response) => {
    requests.push({ method: request.method, headers: request.headers });
    const id = request.headers['mcp-session-id'];
    if (id !== undefined && !sessions.has(id)) {
      response.writeHead(404).end();
      return;
    }
    void (async () => {
      let transport = sessions.get(id);
      if (transport === undefined) {
        transport = new StreamableHTTPServerTransport({
          sessionIdGenerator: randomUUID,
          onsessioninitialized: (made) => void sessions.set(made, transport),
        });
        await createToolServer((name) => void notes.push(name)).connect(transport);
      }
      await transport.handleRequest(request, response);
    })();
  });
  await new Promise((resolve) => void http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${http.address().port}/mcp`,
    notes,
    requests,
    forgetSessions: () => sessions.clear(),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => void http.close(resolve));
    },
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = process.env.TOOL_CALLS;
  const note = (name) => {
    if (file !== undefined) appendFileSync(file, `${name}\n`);
  };
  if (process.argv.includes('--http')) console.log((await startToolServer()).url);
  else await createToolServer(note).connect(new StdioServerTransport());
}
