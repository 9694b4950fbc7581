// What is asked of every server: `get_run_status` of one run, in each contract and era.

export const ERAS = ['2025-11-25', '2026-07-28'];
export const CONTRACTS = {
  workflows: { path: '/mcp/workflows', arguments: (id) => ({ run_id: `agent_run_${id.replaceAll('-', '')}` }) },
  'mcp-app': { path: '/api/mcp-app', arguments: (id) => ({ runId: `run_${id}` }) },
  native: { path: '/mcp', arguments: (id) => ({ run_id: `run_${id}` }) },
};

const PROTOCOL = 'io.modelcontextprotocol';
const CLIENT = { name: 'bench', version: '1.0.0' };

/** @returns {{ path: string, headers: Record<string, string>, body: string }} */
export function toolCall({ contract, era, key, name, args }) {
  return rpc({ path: CONTRACTS[contract].path, era, key, method: 'tools/call', params: { name, arguments: args } });
}

export function rpc({ path, era, key, method, params = {} }) {
  const stateless = era === '2026-07-28';
  const meta = {
    [`${PROTOCOL}/protocolVersion`]: era,
    [`${PROTOCOL}/clientInfo`]: CLIENT,
    [`${PROTOCOL}/clientCapabilities`]: {},
  };
  return {
    path,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
      'mcp-protocol-version': era,
      ...(stateless ? { 'mcp-method': method } : {}),
      ...(stateless && params.name !== undefined ? { 'mcp-name': params.name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: stateless ? { ...params, _meta: meta } : params }),
  };
}

/** The answer's JSON. Throws unless it is one. */
export async function send(url, { path, headers, body }) {
  const response = await fetch(url + path, { method: 'POST', headers, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
