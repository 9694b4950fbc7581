import { resolve } from 'node:path';
import type { Fault } from '../core/workflow/definition.js';
import type { McpServersConfig } from '../core/ports/mcp-servers-config.js';
import { readMcpServers } from '../declarations/read-mcp-servers.js';
import { MCP_SERVERS_FILE } from './find-workflow-files.js';
import { loadDeclarations, type LoadedDeclarations } from './load-declarations.js';

export type LoadedMcpServers = Omit<LoadedDeclarations<never>, 'declared'> & { readonly servers: McpServersConfig };

/** Reads `<dir>/mcp-servers.yaml`, which need not be there. */
export async function loadMcpServers(
  dir: string,
  env: { readonly [name: string]: string | undefined },
): Promise<LoadedMcpServers> {
  const { declared: servers, ...rest } = await loadDeclarations<McpServersConfig>({
    dir,
    file: MCP_SERVERS_FILE,
    none: new Map(),
    read: (value) => {
      const { servers: declared, faults } = readMcpServers({
        value,
        env,
        resolvePath: (folder) => resolve(dir, folder),
      });
      return { declared, faults };
    },
  });
  return { servers, ...rest };
}

/** Programs whose state all organizations see, where nobody has said that this is meant. */
export function findShared(servers: McpServersConfig): readonly Fault[] {
  return [...servers]
    .filter(([, { transport, per }]) => transport === 'stdio' && per === undefined)
    .map(([name]) => ({
      file: MCP_SERVERS_FILE,
      line: null,
      column: null,
      path: name,
      message:
        'all organizations share one process of this program. If it keeps state, say "per: organization" or "per: run"; if not, "per: server"',
    }));
}
