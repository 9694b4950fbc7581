import { watch as fsWatch } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
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

async function watch(options: Partial<Parameters<typeof watchFolder>[0]> = {}): Promise<void> {
  watching = await watchFolder({
    dir,
    kinds: nodeKinds,
    dataDir,
    onChange: (loaded) => void changes.push(loaded),
    quietMs: 20,
    lookEveryMs: 50,
    ...options,
  });
  expect(changes.splice(0)).toEqual([watching.initial]);
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

function cheapModel(loaded: LoadedFolder): string | undefined {
  return loaded.models.aliases.get('cheap')?.[0];
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

/** As a system does that has none left. */
const refuseWatches: typeof fsWatch = () => {
  throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
};
/** As a file system does that knows nothing of what others change. */
const tellNothing: typeof fsWatch = () => fsWatch(tmpdir(), { persistent: false });

async function relink(target: string, link: string): Promise<void> {
  await symlink(target, `${link}.new`);
  await rename(`${link}.new`, link);
}

describe.each([
  ['told of by the system', undefined],
  ['of which the system allows no watches', refuseWatches],
  ['of which the file system tells nothing', tellNothing],
])('changes %s', (_, watchWith) => {
  const follow = (folder = dir): Promise<void> =>
    watch({ dir: folder, ...(watchWith === undefined ? {} : { watch: watchWith }) });

  it('are seen in files, in what handlers import, and in files that appear', async () => {
    await write({
      'workflows/b/workflow.yaml': withHandler('b', './h.ts'),
      'workflows/b/h.ts': "import { x } from '../../shared/x.js';\nexport default () => x;",
      'shared/x.ts': 'export const x = 1;',
    });
    await follow();
    await write({ 'workflows/a.yaml': plain('a', 'second') });
    await untilLast((loaded) => names(loaded).join() === 'second,A');
    const hash = changes.at(-1)?.workflows[1]?.hash;
    await write({ 'shared/x.ts': 'export const x = 2;' });
    await untilLast((loaded) => loaded.workflows[1]?.hash !== hash);
    await write({ 'workflows/c/workflow.yaml': plain('c', 'third') });
    await untilLast((loaded) => names(loaded).join() === 'second,A,third');
    await write({ 'workflows/models.yaml': 'aliases: { cheap: openai/one }\n' });
    await untilLast(({ models }) => models.aliases.has('cheap'));
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('are seen where a ConfigMap is mounted: files are links, and one rename changes all of them', async () => {
    const put = async (release: string, name: string, model: string): Promise<void> => {
      await write({
        [`workflows/..${release}/a.yaml`]: plain('a', name),
        [`workflows/..${release}/models.yaml`]: `aliases: { cheap: openai/${model} }\n`,
      });
      await relink(`..${release}`, join(dir, '..data'));
    };
    await rm(join(dir, 'a.yaml'));
    await put('1', 'first', 'one');
    for (const name of ['a.yaml', 'models.yaml']) await symlink(join('..data', name), join(dir, name));
    await follow();
    expect(names(watching.initial)).toEqual(['first']);
    for (const [release, name] of [
      ['2', 'second'],
      ['3', 'third'],
    ] as const) {
      await put(release, name, name);
      await rm(join(dir, `..${Number(release) - 1}`), { recursive: true });
      await untilLast((loaded) => names(loaded).join() === name && cheapModel(loaded) === `openai/${name}`);
    }
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('are seen behind a link above the folder, and in what it leads to then', async () => {
    for (const release of ['1', '2']) await write({ [`r/${release}/w/a.yaml`]: plain('a', `release ${release}`) });
    await symlink('r/1', join(base, 'current'));
    await follow(join(base, 'current/w'));
    await relink('r/2', join(base, 'current'));
    await untilLast((loaded) => names(loaded).join() === 'release 2');
    await write({ 'r/2/w/a.yaml': plain('a', 'edited') });
    await untilLast((loaded) => names(loaded).join() === 'edited');
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('are seen where the folder itself is a link, or one in it', async () => {
    for (const release of ['1', '2']) {
      await write({
        [`r${release}/a.yaml`]: plain('a', `a${release}`),
        [`p${release}/workflow.yaml`]: plain('p', `p${release}`),
      });
    }
    await symlink('../p1', join(base, 'r1/p'));
    await symlink('../p1', join(base, 'r2/p'));
    await symlink('r1', join(base, 'w'));
    await follow(join(base, 'w'));
    await relink('r2', join(base, 'w'));
    await untilLast((loaded) => names(loaded).join() === 'a2,p1');
    await write({ 'r2/a.yaml': plain('a', 'edited') });
    await untilLast((loaded) => names(loaded).join() === 'edited,p1');
    await relink('../p2', join(base, 'r2/p'));
    await untilLast((loaded) => names(loaded).join() === 'edited,p2');
    await write({ 'p2/workflow.yaml': plain('p', 'edited too') });
    await untilLast((loaded) => names(loaded).join() === 'edited,edited too');
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('are seen in a file that is a link, and where its target is replaced', async () => {
    await write({ 'elsewhere/b.yaml': plain('b', 'one') });
    await symlink('../elsewhere/b.yaml', join(dir, 'b.yaml'));
    await follow();
    await write({ 'elsewhere/b.yaml': plain('b', 'two') });
    await untilLast((loaded) => names(loaded).join() === 'first,two');
    await write({ 'elsewhere/next': plain('b', 'six') });
    await rename(join(base, 'elsewhere/next'), join(base, 'elsewhere/b.yaml'));
    await untilLast((loaded) => names(loaded).join() === 'first,six');
    expect(changes.at(-1)?.faults).toEqual([]);
  });

  it('are seen after a folder above has been replaced by another', async () => {
    for (const app of ['app', 'next']) await write({ [`${app}/w/a.yaml`]: plain('a', app) });
    await follow(join(base, 'app/w'));
    await rename(join(base, 'app'), join(base, 'old'));
    await rename(join(base, 'next'), join(base, 'app'));
    await untilLast((loaded) => names(loaded).join() === 'next');
    await write({ 'app/w/a.yaml': plain('a', 'edited') });
    await untilLast((loaded) => names(loaded).join() === 'edited');
    expect(changes.at(-1)?.faults).toEqual([]);
  });
});

describe('a system without watches left', () => {
  it('is told of once, and nothing is read again while nothing changes', async () => {
    const told: unknown[] = [];
    const errors: unknown[] = [];
    let reads = 0;
    await watch({
      watch: refuseWatches,
      lookEveryMs: 5,
      exclusively: (work) => {
        reads += 1;
        return work();
      },
      onUnwatched: (error) => told.push(error),
      onError: (error) => errors.push(error),
    });
    // What was written a moment ago may have changed while it was read.
    await vi.waitUntil(() => reads === 2);
    await write({ 'workflows/a.yaml': plain('a', 'second') });
    await untilLast((loaded) => names(loaded).join() === 'second');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(reads).toBeLessThanOrEqual(5);
    expect([told.length, errors]).toEqual([1, []]);
  });

  it('is quick again once it allows them', async () => {
    const told: unknown[] = [];
    let allows = false;
    const watchWhenAllowed = ((...given: Parameters<typeof fsWatch>) =>
      allows ? fsWatch(...given) : refuseWatches('')) as typeof fsWatch;
    await watch({ watch: watchWhenAllowed, onUnwatched: (error) => told.push(error) });
    allows = true;
    await write({ 'workflows/a.yaml': plain('a', 'second') });
    await untilLast((loaded) => names(loaded).join() === 'second');
    allows = false;
    await write({ 'workflows/b/workflow.yaml': plain('b', 'third') });
    await untilLast((loaded) => names(loaded).join() === 'second,third');
    expect(told).toHaveLength(2);
  });
});
