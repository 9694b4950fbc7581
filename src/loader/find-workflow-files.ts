import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Beside the workflows: what their nodes share. */
export const RESOURCES_FILE = 'resources.yaml';
/** Beside the workflows: which models they can ask. */
export const MODELS_FILE = 'models.yaml';
/** Beside the workflows: whose tools their nodes can call. */
export const MCP_SERVERS_FILE = 'mcp-servers.yaml';

const CONFIGURATION: readonly string[] = [RESOURCES_FILE, MODELS_FILE, MCP_SERVERS_FILE];

export interface WorkflowFile {
  /** Absolute. */
  readonly file: string;
  readonly format: 'yaml' | 'json' | 'module';
  /** Whether anything says that this is a workflow but what is in it. */
  readonly named: boolean;
}

/**
 * Finds `<dir>/*.yaml|yml|json`, `<dir>/*.workflow.ts|mts|js|mjs` and `<dir>/<name>/workflow.*`, in the order of their
 * paths. Names that start with a dot and node_modules are passed over. Rejects when `dir` cannot be read.
 */
export async function findWorkflowFiles(dir: string): Promise<readonly WorkflowFile[]> {
  const found: WorkflowFile[] = [];
  for (const name of await listNames(dir)) {
    const path = join(dir, name);
    if (await isFolder(path)) found.push(...(await findInFolder(path)));
    else if (CONFIGURATION.includes(name)) continue;
    else if (/\.ya?ml$/.test(name)) found.push({ file: path, format: 'yaml', named: true });
    else if (name.endsWith('.json')) found.push({ file: path, format: 'json', named: false });
    else if (/\.workflow\.m?[tj]s$/.test(name)) found.push({ file: path, format: 'module', named: true });
  }
  return found;
}

async function findInFolder(folder: string): Promise<WorkflowFile[]> {
  const names = await listNames(folder).catch(() => []);
  return names.flatMap((name) => {
    const extension = /^workflow\.(yaml|yml|json|ts|mts|js|mjs)$/.exec(name)?.[1];
    if (extension === undefined) return [];
    const format = extension === 'json' ? 'json' : extension.startsWith('y') ? 'yaml' : 'module';
    return { file: join(folder, name), format, named: true };
  });
}

async function listNames(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => !isIgnored(name)).toSorted();
}

/** Files and folders that are never looked at. */
export function isIgnored(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
