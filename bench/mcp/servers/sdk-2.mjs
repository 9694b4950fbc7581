// The official SDK 2: createMcpHandler, as its documentation serves HTTP without sessions.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { createKeyCheck, refuse, resultsById } from './same-tools.mjs';
import { serveToParent } from './serve-to-parent.mjs';

serveToParent(({ cases, key, tools }) => {
  const isKnown = createKeyCheck(key);
  const handlers = new Map();
  for (const [contract, { path, tools: listed }] of Object.entries(tools)) {
    handlers.set(path, handlerOf({ listed, results: resultsById(cases, contract) }));
  }
  return createServer((incoming, outgoing) => {
    if (!isKnown(incoming.headers.authorization)) return refuse(outgoing);
    return handlers.get(incoming.url)(incoming, outgoing);
  });
});

function handlerOf({ listed, results }) {
  // Schemas are compiled once; the SDK makes a server for each request.
  const registered = listed.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
    name,
    config: {
      title,
      description,
      annotations,
      inputSchema: fromJsonSchema(inputSchema),
      ...(outputSchema === undefined ? {} : { outputSchema: fromJsonSchema(outputSchema) }),
    },
  }));
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'same-tools', version: '1.0.0' });
      for (const { name, config } of registered) {
        server.registerTool(name, config, ({ run_id: a, runId: b }) => results.get(a ?? b));
      }
      return server;
    },
    { responseMode: 'json' },
  );
  return toNodeHandler(handler);
}
