import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeKinds } from '../../nodes/registry.js';
import { loadFolder, type LoadedFolder } from '../load-folder.js';
import { watchFolder, type FolderWatch } from './watch-folder.js';

let base: string;
let dir: string;
let dataDir: string;
let watching: FolderWatch;
let changes: LoadedFolder[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'errand-watch-'));
  dir = join(base, 'workflows');
  // Inside the watched folder, as some will have it.
  dataDir = join(dir, 'data');
  changes = [];
  await write({ 'workflows/a.yaml': plain('a', 'first') });
});

afterEach(async () => {
  await watching.close();
  await rm(base, { recursive: true, force: true });
});

async function write(files: { readonly [file: string]: string }): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(base, file)), { recursive: true });
    await writeFile(join(base, file), text);
  }
}

async function watch(): Promise<void> {
  const initial = await loadFolder({ dir, kinds: nodeKinds, dataDir });
  watching = watchFolder({
    dir,
    kinds: nodeKinds,
    dataDir,
    initial,
    onChange: (loaded) => void changes.push(loaded),
    quietMs: 20,
  });
}

function plain(id: string, name: string): string {
  return `id: ${id}\nname: ${name}\ndescription: a\nnodes: [{ id: n, kind: transform }]\n`;
}

function withHandler(id: string, uses: string): string {
  return `id: ${id}\nname: A\ndescription: a\nnodes: [{ id: n, kind: code, uses: ${uses} }]\n`;
}

async function untilLast(holds: (loaded: LoadedFolder) => boolean): Promise<void> {
  await vi.waitFor(() => expect(changes.at(-1) !== undefined && holds(changes.at(-1) as LoadedFolder)).toBe(true), {
    timeout: 10_000,
    interval: 10,
  });
}

function names(loaded: LoadedFolder): string[] {
  return loaded.workflows.map(({ definition }) => definition.name);
}

describe('watching a folder', () => {
  it('tells of changed, new and deleted workflows', async () => {
    await watch();
    await write({ 'workflows/a.yaml': plain('a', 'second') });
    await untilLast((loaded) => names(loaded).join() === 'second');
    await write({ 'workflows/b/workflow.yaml': plain('b', 'other') });
    await untilLast((loaded) => names(loaded).join() === 'second,other');
    await write({ 'workflows/b/workflow.yaml': plain('b', 'changed') });
    await untilLast((loaded) => names(loaded).join() === 'second,changed');
    await rm(join(dir, 'a.yaml'));
    await untilLast((loaded) => names(loaded).join() === 'changed');
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('tells of changes of the MCP servers', async () => {
    await write({ 'workflows/mcp-servers.yaml': 'a: { command: x }\n' });
    await watch();
    await write({ 'workflows/mcp-servers.yaml': 'a: { command: x, timeout: 5s }\n' });
    await untilLast(({ mcpServers }) => mcpServers.get('a')?.timeoutMs === 5_000);
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('tells of faults and of their end', async () => {
    await watch();
    await write({ 'workflows/a.yaml': 'id: a\nnodes: [' });
    await untilLast((loaded) => loaded.faults.length > 0);
    expect(changes.at(-1)?.workflows).toEqual([]);
    await write({ 'workflows/a.yaml': plain('a', 'good again') });
    await untilLast((loaded) => loaded.faults.length === 0 && names(loaded).join() === 'good again');
  });

  it('sees files that are replaced by renaming', async () => {
    await watch();
    for (const name of ['one', 'two', 'three']) {
      await write({ 'workflows/.a.yaml.swp': plain('a', name) });
      await rename(join(dir, '.a.yaml.swp'), join(dir, 'a.yaml'));
      await untilLast((loaded) => names(loaded).join() === name);
    }
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('sees what handlers import, outside of the folder too, after a fault as well', async () => {
    await write({
      'workflows/a.yaml': withHandler('a', './h.ts'),
      'workflows/h.ts': "import { x } from '../shared/x.js';\nexport default () => x;",
      'shared/x.ts': 'export const x = 1;',
    });
    await watch();
    await write({ 'shared/x.ts': 'export const x = 2;' });
    await untilLast((loaded) => loaded.workflows.length === 1);
    await write({ 'shared/x.ts': 'export const x = ;' });
    await untilLast((loaded) => loaded.faults[0]?.file === '../shared/x.ts');
    await write({ 'shared/x.ts': 'export const x = 3;' });
    await untilLast((loaded) => loaded.workflows.length === 1);
    const hashes = changes.flatMap((loaded) => loaded.workflows.map(({ hash }) => hash));
    expect(new Set(hashes).size).toBe(2);
  });

  it('sees a handler that was missing appear', async () => {
    await write({ 'workflows/a.yaml': withHandler('a', './later/h.ts') });
    await watch();
    await write({ 'workflows/later/h.ts': 'export default () => 1;' });
    await untilLast((loaded) => loaded.workflows.length === 1);
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('outlives the deletion of the folder', async () => {
    await watch();
    await rm(dir, { recursive: true });
    await untilLast((loaded) => loaded.workflows.length === 0 && loaded.faults.length === 1);
    await write({ 'workflows/a.yaml': plain('a', 'back') });
    await untilLast((loaded) => names(loaded).join() === 'back');
    await write({ 'workflows/a.yaml': plain('a', 'and again') });
    await untilLast((loaded) => names(loaded).join() === 'and again');
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('outlives the folder being replaced by another', async () => {
    await write({ 'next/a.yaml': plain('a', 'next') });
    await watch();
    await rename(dir, join(base, 'previous'));
    await rename(join(base, 'next'), dir);
    await untilLast((loaded) => names(loaded).join() === 'next');
    await write({ 'workflows/a.yaml': plain('a', 'after') });
    await untilLast((loaded) => names(loaded).join() === 'after');
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('is quiet about what changes nothing', async () => {
    await watch();
    await write({
      'workflows/notes.txt': 'x',
      'workflows/node_modules/x/workflow.yaml': 'x',
      'workflows/data/log': 'x',
    });
    // Renamed into place, so that it is never seen half-written.
    await write({ 'a.yaml': plain('a', 'last') });
    await rename(join(base, 'a.yaml'), join(dir, 'a.yaml'));
    await untilLast((loaded) => names(loaded).join() === 'last');
    expect(changes).toHaveLength(1);
  });

  it('tells nothing after it is closed', async () => {
    await watch();
    await watching.close();
    await write({ 'workflows/a.yaml': plain('a', 'unseen') });
    const initial = await loadFolder({ dir, kinds: nodeKinds, dataDir });
    expect(names(initial)).toEqual(['unseen']);
    expect(changes).toEqual([]);
  });
});
