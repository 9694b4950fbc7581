import type { Json, JsonObject } from '../../src/core/json.js';
import { HANDSHAKE_METHODS } from '../../src/mcp/protocol/handshake/methods.js';
import { STATELESS_METHODS } from '../../src/mcp/protocol/stateless/methods.js';
import { sampleOf } from './hostile-json.js';
import type { MeasuredServer } from './measured-server.js';
import { STATELESS, type McpCall } from './probes/mcp-probes.js';
import type { Known } from './probes/probe-groups.js';

const HANDSHAKE = '2025-11-25';

/** A call of every tool that a mount lists, with every argument that it names. */
export async function toolCalls(server: MeasuredServer, path: string, known: Known): Promise<readonly McpCall[]> {
  const body = [Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }))];
  const headers = { 'mcp-protocol-version': HANDSHAKE };
  const { text } = await server.send({ method: 'POST', path, body, headers });
  const { result } = JSON.parse(text) as { result: { tools: { name: string; inputSchema: JsonObject }[] } };
  const run = path === '/mcp/workflows' ? `agent_run_${known.askingId.replaceAll('-', '')}` : `run_${known.askingId}`;
  const values = {
    run_id: run,
    runId: known.askingId,
    node_id: 'ask',
    workflow_id: 'nothing',
    workflowId: 'nothing',
    wait_seconds: 0,
  };
  return result.tools.map(({ name, inputSchema }) => ({
    path,
    revision: HANDSHAKE,
    method: 'tools/call',
    params: { name, arguments: sampleOf(inputSchema, values) },
  }));
}

/** A call of every method of every era, on each mount that has it. */
export function methodCalls(known: Known): readonly McpCall[] {
  const params = methodParams(known);
  const of = (revision: string, methods: Iterable<string>): McpCall[] =>
    [...methods].map((method) => {
      const own: Json | undefined = params[method];
      if (own === undefined) throw new Error(`There are no params to try the method ${method} with: add some.`);
      return { path: '/mcp', revision, method, params: own };
    });
  const handshake = of(HANDSHAKE, HANDSHAKE_METHODS[HANDSHAKE].keys());
  const stateless = of(STATELESS, STATELESS_METHODS.keys());
  const shared = handshake.filter(({ method }) => method === 'initialize' || method.startsWith('tools/'));
  const elsewhere = ['/mcp/workflows', '/api/mcp-app'].flatMap((path) => shared.map((call) => ({ ...call, path })));
  return [...handshake, ...stateless, ...elsewhere];
}

function methodParams({ runId }: Known): { readonly [method: string]: JsonObject } {
  const taskId = `run_${runId}`;
  const uri = `errand://runs/${taskId}`;
  return {
    initialize: { protocolVersion: HANDSHAKE, capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    ping: {},
    'server/discover': {},
    'tools/list': { cursor: 'x' },
    'tools/call': { name: 'nothing', arguments: {}, task: { ttl: 1 }, inputResponses: { a: {} }, requestState: 'x' },
    'resources/list': { cursor: 'x' },
    'resources/templates/list': { cursor: 'x' },
    'resources/read': { uri },
    'resources/subscribe': { uri },
    'resources/unsubscribe': { uri },
    'prompts/list': { cursor: 'x' },
    'prompts/get': { name: 'echo', arguments: { text: 'x' } },
    'completion/complete': {
      ref: { type: 'ref/resource', uri: 'errand://workflows/{id}' },
      argument: { name: 'id', value: 'g' },
      context: { arguments: { id: 'x' } },
    },
    'logging/setLevel': { level: 'info' },
    'subscriptions/listen': {
      notifications: { toolsListChanged: true, resourceSubscriptions: [uri], taskIds: [taskId] },
    },
    'tasks/list': { cursor: null },
    'tasks/get': { taskId },
    'tasks/result': { taskId },
    'tasks/cancel': { taskId },
    'tasks/update': { taskId, inputResponses: { a: { action: 'accept', content: {} } } },
  };
}
