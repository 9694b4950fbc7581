import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, repository } from '../support/server/server-process.js';
import { Started } from './started.js';

interface Manifest {
  readonly dependencies: { readonly [name: string]: string };
  readonly optionalDependencies: { readonly [name: string]: string };
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
}

let base: string;
/** A project in which the package is installed, with those that it names and no others. */
let project: string;
let installed: string;
let manifest: Manifest;
let files: readonly string[];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'errand-package-'));
  project = join(base, 'a project');
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  // In a copy, as the package.json of a checkout is changed while npm packs it.
  const checkout = copyCheckout();
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', base], { cwd: checkout, encoding: 'utf8' });
  const [packed] = JSON.parse(told.slice(told.indexOf('['))) as { filename: string; files: { path: string }[] }[];
  files = packed?.files.map(({ path }) => path) ?? [];
  execFileSync('tar', ['xzf', join(base, packed?.filename ?? ''), '-C', base]);
  installed = join(modules, 'errand');
  cpSync(join(base, 'package'), installed, { recursive: true });
  manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
    linkPackage(modules, name);
  symlinkSync(join('..', 'errand', 'dist', 'cli', 'main.js'), join(modules, '.bin', 'errand'));
  writeFileSync(join(project, 'package.json'), '{}');
}, 120_000);

afterAll(() => rmSync(base, { recursive: true, force: true }));

function copyCheckout(): string {
  const checkout = join(base, 'checkout');
  for (const name of readdirSync(repository)) {
    if (['.git', 'node_modules', '.errand'].includes(name)) continue;
    cpSync(join(repository, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'));
  return checkout;
}

function linkPackage(modules: string, name: string): void {
  const from = join(repository, 'node_modules', name);
  if (!existsSync(from)) return;
  mkdirSync(join(modules, name, '..'), { recursive: true });
  symlinkSync(from, join(modules, name));
}

describe('the package', { timeout: 60_000 }, () => {
  it('holds the program, what it reads and its declarations, and nothing else', () => {
    const kinds = /^(?:dist\/|workflows\/|contracts\/|docs\/|(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/;
    expect(files.filter((file) => !kinds.test(file))).toEqual([]);
    expect(files.filter((file) => /\.test\.|\.map$|\.sources|^dist\/testing/.test(file))).toEqual([]);
    const code = files.filter((file) => /^dist\/(?!bundle\/|console\/).*\.js$/.test(file));
    expect(code.toSorted()).toEqual(['dist/cli/main.js', 'dist/client.js', 'dist/index.js', 'dist/test-kit.js']);
    expect(files).toContain('dist/bundle/LICENSES.txt');
    expect(files).toContain('dist/console/LICENSES.txt');
    expect(files).toContain('dist/console/index.html');
    expect(manifest.scripts ?? manifest.devDependencies).toBeUndefined();
  });

  it('leaves the package.json of the checkout as it was', () => {
    const text = (folder: string): string => readFileSync(join(folder, 'package.json'), 'utf8');
    expect(text(join(base, 'checkout'))).toBe(text(repository));
    expect(readdirSync(join(base, 'checkout')).filter((name) => name.includes('packing'))).toEqual([]);
  });

  it('takes less than 15 MB with the packages that it needs, but for the programs that esbuild and SQLite are', () => {
    const modules = Object.keys(manifest.dependencies).filter((name) => name !== 'esbuild');
    const sizes = [installed, ...modules.map((name) => join(repository, 'node_modules', name))].map(sizeOf);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(15_000_000);
  });

  it('runs by npx', () => {
    const { stdout, status } = spawnSync('npx', ['--no-install', 'errand', '--version'], {
      cwd: project,
      encoding: 'utf8',
    });
    expect([status, stdout.trim()]).toEqual([0, '0.1.0']);
  });

  it('serves workflows in TypeScript that import errand and zod, and ends when the npx ends that started it', async () => {
    mkdirSync(join(project, 'workflows'));
    writeFileSync(join(project, 'workflows', 'greeting.txt'), 'Hello');
    writeFileSync(
      join(project, 'workflows', 'greet.workflow.ts'),
      `import { defineWorkflow, NodeFailure } from 'errand';
       import { readFileSync } from 'node:fs';
       import { z } from 'zod';
       export default defineWorkflow({
         id: 'greet', name: 'Greet', description: 'Greets.',
         input: z.object({ name: z.string() }),
         nodes: [
           { id: 'pick', kind: 'transform', with: { name: '{{ $uppercase(input.name) }}' } },
           { id: 'text', kind: 'script', needs: ['pick'], with: { name: '{{ nodes.pick.output.name }}' }, source: 'return "dear " + input.name' },
           { id: 'end', kind: 'code', needs: ['text'], retry: { attempts: 3 }, with: { text: '{{ nodes.text.output }}' },
             run: ({ input }) => { throw new NodeFailure(readFileSync(new URL('greeting.txt', import.meta.url), 'utf8') + ' ' + input.text, { kind: 'greeted', retryable: false }); } },
         ],
       });`,
    );
    const env = { PATH: process.env['PATH'], HOME: base, ERRAND_BOOTSTRAP_KEY: KEY, ERRAND_PORT: '0' };
    const server = new Started('npx', ['--no-install', 'errand', 'serve'], { cwd: project, env });
    await server.untilServing();
    const { url } = server;
    const options = ['--url', url, '--api-key', KEY];
    const run = spawnSync(
      'npx',
      ['--no-install', 'errand', 'run', 'greet', '--input', '{"name":"Ada"}', '--wait', '60', '--json', ...options],
      { cwd: project, encoding: 'utf8' },
    );
    expect(run.stdout, `${server.output}\n${run.stderr}`).toContain('Hello dear ADA');
    // Not retried: the handler's NodeFailure is the server's own class.
    expect(run.stdout).toContain('"greeted"');
    // npx ends at once, and with it the shell that it has started the server by.
    await server.end('SIGTERM');
    await expect.poll(() => server.output).toContain('Stopping: ');
    await expect.poll(() => fetch(`${url}/healthz`).catch(() => 'gone')).toBe('gone');
  });

  const asRoot = process.getuid?.() === 0;
  const canUnshare =
    asRoot && spawnSync('unshare', ['--mount', '--pid', '--fork', 'setpriv', '--version']).status === 0;

  it.skipIf(!canUnshare)('runs as process 1 of a container: read-only, as another user, without a home', async () => {
    const data = mkdtempSync(join(tmpdir(), 'errand-container-data-'));
    chownSync(data, 65_534, 65_534);
    const inside = `mount --make-rprivate / && mount --bind "$DATA" "$DATA" && mount -o remount,ro,bind / || exit 9
      exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all "$NODE" "$MAIN" serve`;
    const env = {
      PATH: process.env['PATH'],
      DATA: data,
      NODE: process.execPath,
      MAIN: join(installed, 'dist', 'cli', 'main.js'),
      ERRAND_DATA: join(data, 'errand'),
      ERRAND_WORKFLOWS: join(project, 'workflows'),
      ERRAND_HOST: '0.0.0.0',
      ERRAND_PORT: '0',
    };
    chmodSync(base, 0o755);
    const container = new Started('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', inside], {
      env,
    });
    try {
      await container.untilServing();
      const children = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8');
      process.kill(Number(children.trim()), 'SIGTERM');
      expect(await container.end(null)).toBe(0);
      expect(container.output).toContain('Stopping: ');
    } catch (error) {
      await container.end('SIGKILL');
      throw new Error(container.output, { cause: error });
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });
});

function sizeOf(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
