import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { BuildFailure } from './failure.mjs';

/**
 * With TypeScript's own compiler; where the packages for development are not installed, without its checks and
 * declarations.
 */
export async function compile({ root, made, sources, signal }) {
  const require = createRequire(join(root, 'package.json'));
  const typescript = find(require, 'typescript/package.json');
  if (typescript !== null) return await runTsc({ root, made, tsc: join(dirname(typescript), 'bin', 'tsc'), signal });
  if (find(require, 'esbuild') === null) {
    throw new BuildFailure(`its packages are not installed: run npm ci in ${root}`, 'place');
  }
  await stripTypes({ root, made, files: sources.filter((source) => source.endsWith('.ts')) });
}

/** One file at a time, as esbuild writes several to other places where a folder has an odd name. */
async function stripTypes({ root, made, files }) {
  const { transform } = await import('esbuild');
  const tsconfigRaw = readFileSync(join(root, 'tsconfig.json'), 'utf8');
  for (const file of files) {
    const to = join(made, relative('src', file).replace(/ts$/, 'js'));
    mkdirSync(dirname(to), { recursive: true });
    const options = { loader: 'ts', sourcemap: true, sourcefile: relative(dirname(to), join(root, file)), tsconfigRaw };
    const { code, map } = await transform(readFileSync(join(root, file), 'utf8'), options).catch(() => {
      throw new BuildFailure('', 'sources');
    });
    writeFileSync(to, `${code}//# sourceMappingURL=${basename(to)}.map\n`);
    writeFileSync(`${to}.map`, map);
  }
}

function find(require, name) {
  try {
    return require.resolve(name);
  } catch {
    return null;
  }
}

function runTsc({ root, made, tsc, signal }) {
  // A group of its own, as the compiler is a child of what is started here, and has to end with it.
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', made];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', detached: true });
  signal.addEventListener('abort', () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new BuildFailure(`the compiler cannot be started: ${error.message}`, 'place')));
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new BuildFailure('', 'sources'))));
  });
}
