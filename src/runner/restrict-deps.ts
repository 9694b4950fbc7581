import { NodeFailure } from '../core/handlers/node-kind.js';
import type { McpTools } from '../core/ports/mcp-tools.js';
import type { RunnerDeps } from './attempt/runner-deps.js';

const refuse = (): Promise<never> => {
  const message = 'Workflows of an organization call no MCP servers of this server';
  return Promise.reject(new NodeFailure(message, { kind: 'mcp_not_allowed', retryable: false }));
};
const NO_MCP: McpTools = { list: refuse, call: refuse };

/**
 * For workflows that somebody else than the operator has written: their nodes reach hosts on the internet only, ask
 * models with their organization's own keys, and call no tools with the operator's credentials.
 */
export function restrictDeps<Deps extends Pick<RunnerDeps, 'models' | 'mcp' | 'outbound'>>(deps: Deps): Deps {
  const { models, outbound } = deps;
  return {
    ...deps,
    mcp: NO_MCP,
    models: {
      call: (request, options) => models.call(request, { ...options, onlyOwn: true }),
      explainUnusable: (params) => models.explainUnusable({ ...params, onlyOwn: true }),
    },
    outbound: { fetch: (url, init) => outbound.fetch(url, { ...init, hosts: 'public' }) },
  };
}
