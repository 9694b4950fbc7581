import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Models } from '../../core/models/models.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';

/** For a runner that is given no models. */
export const noModels: Models = {
  call: () => Promise.reject(notConfigured('No models')),
  explainUnusable: () => Promise.resolve('No models are configured.'),
};

/** For a runner that is given no MCP servers. */
export const noMcpTools: McpTools = {
  list: () => Promise.reject(notConfigured('No MCP servers')),
  call: () => Promise.reject(notConfigured('No MCP servers')),
};

/** For a runner that is given no way out. */
export const noOutbound: Outbound = { fetch: () => Promise.reject(notConfigured('No requests')) };

function notConfigured(what: string): NodeFailure {
  return new NodeFailure(`${what} are configured`, { kind: 'not_configured', retryable: false });
}
