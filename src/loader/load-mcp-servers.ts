import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Fault } from '../core/definition.js';
import { errorMessage } from '../core/errors.js';
import type { McpServersConfig } from '../core/mcp-servers-config.js';
import { parseSource } from '../workflow/parse-source.js';
import { readMcpServers } from '../workflow/read-mcp-servers.js';
import { MCP_SERVERS_FILE } from './find-workflow-files.js';

export interface LoadedMcpServers {
  readonly servers: McpServersConfig;
  /** Those with faults too: a node that names one of them is not at fault. */
  readonly names: ReadonlySet<string>;
  readonly faults: readonly Fault[];
  readonly files: readonly string[];
}

/** Reads `<dir>/mcp-servers.yaml`, which need not be there. */
export async function loadMcpServers(
  dir: string,
  env: { readonly [name: string]: string | undefined },
): Promise<LoadedMcpServers> {
  const path = join(dir, MCP_SERVERS_FILE);
  const refuse = (faults: readonly Omit<Fault, 'file'>[]): LoadedMcpServers => ({
    servers: new Map(),
    names: new Set(),
    faults: faults.map((fault) => ({ file: MCP_SERVERS_FILE, ...fault })),
    files: [path],
  });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return refuse([]);
    return refuse([{ line: null, column: null, path: '', message: `the file cannot be read: ${errorMessage(error)}` }]);
  }
  const source = parseSource({ text, format: 'yaml' });
  if (source.faults.length > 0) return refuse(source.faults.map((fault) => ({ path: '', ...fault })));
  const value = source.value ?? {};
  const { servers, faults } = readMcpServers({ value, env, resolvePath: (folder) => resolve(dir, folder) });
  return {
    servers,
    names: new Set(Object.keys(value)),
    faults: faults.map(({ at, path: where, message, value: found }) => ({
      file: MCP_SERVERS_FILE,
      ...source.locate(at),
      path: where,
      message,
      ...(found === undefined ? {} : { value: found }),
    })),
    files: [path],
  };
}
