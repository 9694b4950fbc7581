// The official SDK 1: its low-level Server with a stateless transport and JSON answers, made for each request as its
// documentation has it.
import { createServer } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv-provider.js';
import { createKeyCheck, refuse, resultsById } from './same-tools.mjs';
import { serveToParent } from './serve-to-parent.mjs';

serveToParent(({ cases, key, tools }) => {
  const isKnown = createKeyCheck(key);
  const validator = new AjvJsonSchemaValidator();
  const contracts = new Map();
  for (const [contract, { path, tools: listed }] of Object.entries(tools)) {
    const { inputSchema } = listed.find(({ name }) => name === 'get_run_status');
    const results = resultsById(cases, contract);
    contracts.set(path, { tools: listed, results, check: validator.getValidator(inputSchema) });
  }
  return createServer(async (incoming, outgoing) => {
    if (!isKnown(incoming.headers.authorization)) return refuse(outgoing);
    const { tools: listed, results, check } = contracts.get(incoming.url);
    const server = new Server({ name: 'same-tools', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listed }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
      const args = check(params.arguments);
      if (!args.valid) throw new Error(args.errorMessage);
      return results.get(args.data.run_id ?? args.data.runId);
    });
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    outgoing.on('close', () => {
      void transport.close();
      void server.close();
    });
    await server.connect(transport);
    await transport.handleRequest(incoming, outgoing);
  });
});
