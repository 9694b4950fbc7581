import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
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
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KEY, repository } from '../support/server/server-process.js';
import { Started } from './started.js';

let base: string;
let checkout: string;
const started: Started[] = [];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'errand-start-'));
  // Each of these characters has a meaning to a shell, a URL or a pattern.
  checkout = join(base, `50%41 off #1? [ü] 'a' "b" *`);
  mkdirSync(join(base, 'workflows'));
});
afterEach(async () => {
  for (const child of started.splice(0)) await child.end('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

/** What a start needs of a checkout. */
function copyCheckout(params: { readonly built: boolean; readonly packages: 'all' | 'production' | 'none' }): void {
  const files = [
    'src',
    'scripts',
    'console',
    'mcp-app',
    'docs',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ];
  for (const name of [...files, ...(params.built ? ['dist'] : [])]) {
    cpSync(join(repository, name), join(checkout, name), { recursive: true });
  }
  if (params.packages === 'none') return;
  mkdirSync(join(checkout, 'node_modules'));
  for (const name of readdirSync(join(repository, 'node_modules'))) {
    if (params.packages === 'production' && ['typescript', 'vite'].includes(name)) continue;
    symlinkSync(join(repository, 'node_modules', name), join(checkout, 'node_modules', name));
  }
}

/** In the checkout, with settings that keep it within the test. */
function start(
  command: string,
  args: readonly string[],
  options: { readonly env?: object; readonly uid?: number } = {},
): Started {
  const env = {
    PATH: process.env['PATH'],
    HOME: base,
    ERRAND_PORT: '0',
    ERRAND_DATA: join(base, 'data'),
    ERRAND_WORKFLOWS: join(base, 'workflows'),
    ERRAND_BOOTSTRAP_KEY: KEY,
    ...options.env,
  };
  const child = new Started(command, args, { ...options, cwd: checkout, env });
  started.push(child);
  return child;
}

function leftovers(): string[] {
  return readdirSync(checkout).filter((name) => name.startsWith('.build'));
}

describe('npm start', { timeout: 300_000 }, () => {
  it('is the server itself, so that a signal to npm stops it in order, and the next one finds all free', async () => {
    copyCheckout({ built: true, packages: 'all' });
    const first = start('npm', ['start']);
    await first.untilServing();
    expect(first.output).not.toContain('console is left out');
    const url = first.url;
    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.output).toContain('Stopping: ');
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    const next = start('npm', ['start', '--', '--port', new URL(url).port]);
    await next.untilServing();
    expect(next.url).toBe(url);
    expect(await next.end('SIGINT')).toBe(0);
  });

  it('builds without the packages for development, cleans up after a build that was cut off, and builds no second time', async () => {
    copyCheckout({ built: false, packages: 'production' });
    mkdirSync(join(checkout, '.build-999999999-cut-off'));
    const env = { NODE_ENV: 'production' };
    const first = start('npm', ['start'], { env });
    await first.untilServing();
    await first.end('SIGTERM');
    expect(leftovers()).toEqual([]);
    const main = join(checkout, 'dist', 'cli', 'main.js');
    expect(statSync(main).mode & 0o777).toBe(0o755);

    // As a build of before would have left it.
    chmodSync(main, 0o644);
    const made = statSync(join(checkout, 'dist')).ino;
    const second = start('npm', ['start'], { env });
    await second.untilServing();
    await second.end('SIGTERM');
    expect(statSync(join(checkout, 'dist')).ino).toBe(made);
    expect(statSync(main).mode & 0o777).toBe(0o755);

    appendFileSync(join(checkout, 'src', 'cli', 'program.ts'), '\nexport const CHANGED = 1;\n');
    const third = start('npm', ['start'], { env });
    await third.untilServing();
    expect(readFileSync(join(checkout, 'dist', 'cli', 'program.js'), 'utf8')).toContain('CHANGED');
    await third.end('SIGTERM');
  });

  it('uses the build that is there where none can be made, and says what is lacking', async () => {
    copyCheckout({ built: true, packages: 'all' });
    appendFileSync(join(checkout, 'src', 'cli', 'program.ts'), '\n// changed\n');
    for (const folder of [base, checkout]) chmodSync(folder, 0o555);
    // Root may write everywhere: somebody else has to try.
    const asRoot = process.getuid?.() === 0;
    const other = mkdtempSync(join(tmpdir(), 'errand-start-other-'));
    if (asRoot) chownSync(other, 65_534, 65_534);
    const options = { env: { ERRAND_DATA: join(other, 'data'), HOME: other }, ...(asRoot ? { uid: 65_534 } : {}) };
    try {
      const server = start(process.execPath, ['scripts/start.mjs', 'serve'], options);
      await server.untilServing();
      expect(server.output).toMatch(
        /^The build is older than the sources, and is used as it is: a build cannot be written to .+EACCES/,
      );
      await server.end('SIGTERM');
    } finally {
      for (const folder of [base, checkout]) chmodSync(folder, 0o755);
      rmSync(other, { recursive: true });
    }
  });

  it('says in one sentence what is lacking when there is nothing to start', async () => {
    copyCheckout({ built: false, packages: 'none' });
    const refused = start(process.execPath, ['scripts/start.mjs', 'serve']);
    expect(await refused.end(null)).toBe(1);
    expect(refused.output).toBe(
      `Errand is not built, and cannot be built here: its packages are not installed: run npm ci in ${checkout}/.\n`,
    );
  });

  it('is not what npx has needed first: that says what to do before a build, and works after it', () => {
    copyCheckout({ built: false, packages: 'none' });
    const env = { PATH: process.env['PATH'], HOME: base, npm_config_offline: 'true' };
    const npx = () => spawnSync('npx', ['errand', '--version'], { cwd: checkout, env, encoding: 'utf8' });
    const before = npx();
    expect([before.status, before.stderr]).toEqual([
      1,
      expect.stringContaining('Errand is not built: run npm run build'),
    ]);
    mkdirSync(join(checkout, 'dist', 'cli'), { recursive: true });
    writeFileSync(join(checkout, 'dist', 'cli', 'main.js'), 'console.log(process.argv.slice(2).join())');
    expect(npx()).toMatchObject({ status: 0, stdout: '--version\n' });
  });
});

it('a build that is told to stop leaves nothing behind', { timeout: 60_000 }, async () => {
  copyCheckout({ built: false, packages: 'all' });
  const build = start(process.execPath, ['scripts/build.mjs']);
  await vi.waitFor(() => expect(leftovers()).toHaveLength(1), { timeout: 20_000, interval: 5 });
  expect(await build.end('SIGTERM')).toBe(143);
  expect(leftovers()).toEqual([]);
  expect(existsSync(join(checkout, 'dist'))).toBe(false);
});

describe('a server that is told to stop while it starts', { timeout: 60_000 }, () => {
  const main = join(repository, 'dist', 'cli', 'main.js');
  const unshare = process.getuid?.() === 0 ? ['--pid', '--fork'] : ['--user', '--map-root-user', '--pid', '--fork'];
  const canUnshare = spawnSync('unshare', [...unshare, 'true']).status === 0;

  /** A workflow that takes a moment to load, and makes a file when it begins to. */
  function writeSlowWorkflow(): string {
    const marker = join(base, 'loading');
    mkdirSync(checkout);
    writeFileSync(
      join(base, 'workflows', 'slow.mjs'),
      `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(marker)}, '');
       await new Promise((resolve) => setTimeout(resolve, 1_000));
       export default () => 1;`,
    );
    writeFileSync(
      join(base, 'workflows', 'slow.yaml'),
      'id: slow\nname: S\ndescription: s\nnodes:\n  - { id: a, kind: code, uses: ./slow.mjs }\n',
    );
    return marker;
  }

  async function untilThere(file: string): Promise<void> {
    await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 20_000, interval: 10 });
  }

  it('ends in order once it has started', async () => {
    const marker = writeSlowWorkflow();
    const server = start(process.execPath, [main, 'serve']);
    await untilThere(marker);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(server.output).toContain('Stopping: ');
    expect(server.output).not.toContain('Errand serves on');
  });

  it.skipIf(!canUnshare)('ends as process 1 of a container, too', async () => {
    const marker = writeSlowWorkflow();
    const container = start('unshare', [...unshare, process.execPath, main, 'serve']);
    await untilThere(marker);
    const [child = ''] = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').split(' ');
    process.kill(Number(child), 'SIGTERM');
    expect(await container.end(null)).toBe(0);
    expect(container.output).toContain('Stopping: ');
  });
});
