import type { JsonObject } from '../../../src/core/json.js';
import { placesOf } from '../hostile-json.js';
import type { HttpRequest } from '../measured-server.js';
import { BODY_BYTES, bodyProbe, groupsOfPlaces, type ProbeGroup } from './probe-groups.js';

const PREFIX = 'io.modelcontextprotocol/';
export const STATELESS = '2026-07-28';

export interface McpCall {
  readonly path: string;
  readonly revision: string;
  readonly method: string;
  readonly params: JsonObject;
}

/** The message of a call, and its headers, as a client of its revision sends them. */
function messageOf({ path, revision, method, params }: McpCall): {
  readonly request: Omit<HttpRequest, 'body'>;
  readonly message: JsonObject;
} {
  const stateless = revision === STATELESS;
  const meta = {
    [`${PREFIX}protocolVersion`]: revision,
    [`${PREFIX}clientInfo`]: { name: 'c', version: '1' },
    [`${PREFIX}clientCapabilities`]: { elicitation: {}, extensions: { [`${PREFIX}tasks`]: {} } },
  };
  const named = params['name'] ?? params['uri'] ?? params['taskId'];
  return {
    request: {
      method: 'POST',
      path,
      headers: {
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': revision,
        ...(stateless ? { 'mcp-method': method } : {}),
        ...(stateless && typeof named === 'string' ? { 'mcp-name': named } : {}),
      },
    },
    message: { jsonrpc: '2.0', id: 1, method, params: stateless ? { ...params, _meta: meta } : params },
  };
}

/** Each place of the call's params; with `whole`, of all that is around them, too. */
export function mcpGroups(call: McpCall, { whole = false }: { readonly whole?: boolean } = {}): readonly ProbeGroup[] {
  const { request, message } = messageOf(call);
  const tool = call.method === 'tools/call' ? ` ${JSON.stringify(call.params['name'])}` : '';
  const places = placesOf(message).filter(
    ({ pointer }) => whole || (pointer.startsWith('/params/') && !pointer.startsWith('/params/_meta')),
  );
  return groupsOfPlaces(`${call.path} ${call.revision} ${call.method}${tool}`, request, places);
}

/** The call as it is, and as many of it in a batch as there may be, where the revision has batches. */
export function plainGroup(call: McpCall): ProbeGroup {
  const { request, message } = messageOf(call);
  const text = JSON.stringify(message);
  const one = bodyProbe('alone', request, [Buffer.from(text)]);
  const room = Math.floor(BODY_BYTES / 100) - text.length - 10;
  const padded = JSON.stringify({ ...message, params: { ...call.params, padding: 'x'.repeat(Math.max(0, room)) } });
  const batch = bodyProbe(
    'a hundred',
    { ...request, headers: { ...request.headers, 'mcp-protocol-version': '2025-03-26' } },
    [Buffer.from(`[${Array.from({ length: 100 }, () => padded).join(',')}]`)],
  );
  return { name: `${call.path} ${call.revision} ${call.method}`, probes: [one, batch] };
}
