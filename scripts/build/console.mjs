import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { BuildFailure } from './failure.mjs';
import { licencesOf } from './licences.mjs';
import { listConsole } from './sources.mjs';

/**
 * Writes dist/console/, the page and what it loads; not where the packages for it are not installed. What was built
 * once is kept beside the packages, as most changes to the server leave it as it is.
 */
export async function buildConsole({ root, made }) {
  const vite = findVite(root);
  if (vite === null) return;
  if (/[#?%*]/.test(root)) {
    process.stderr.write(`The console is left out: Vite cannot build it in a folder with such a name (${root}).\n`);
    return;
  }
  const to = join(made, 'console');
  const cache = join(root, 'node_modules', '.cache', 'errand-console');
  if (isFresh(root, cache)) {
    cpSync(join(cache, 'console'), to, { recursive: true });
    return;
  }
  const { files, modules } = await runVite(root, vite);
  for (const [name, bytes] of files) write(join(to, name), bytes);
  const packages = modules.map((id) => relative(root, id));
  write(join(to, 'LICENSES.txt'), licencesOf(root, packages));
  keep({ root, cache, to, modules });
}

function findVite(root) {
  if (!existsSync(join(root, 'console'))) return null;
  try {
    return createRequire(join(root, 'console', 'package.json')).resolve('vite');
  } catch {
    return null;
  }
}

async function runVite(root, path) {
  const { build } = await import(pathToFileURL(path).href);
  const modules = new Set();
  const built = await build({
    configFile: join(root, 'console', 'vite.config.mjs'),
    logLevel: 'warn',
    build: { write: false },
    worker: { plugins: () => [listWorkerModules(modules)] },
  }).catch((error) => {
    throw new BuildFailure(`its console cannot be built: ${error.message}`, 'sources');
  });
  const files = new Map();
  for (const output of built.output) {
    const bytes = Buffer.from(output.type === 'chunk' ? output.code : output.source);
    files.set(output.fileName, bytes);
    if (/\.(js|css|svg)$/.test(output.fileName)) files.set(`${output.fileName}.gz`, gzipSync(bytes, { level: 9 }));
    for (const id of output.moduleIds ?? []) modules.add(id.replace(/\?.*$/, ''));
  }
  return { files, modules: [...modules] };
}

/** What runs beside the page is built apart, and comes as a file alone. */
function listWorkerModules(modules) {
  return {
    name: 'list-worker-modules',
    generateBundle(_options, bundle) {
      for (const { moduleIds = [] } of Object.values(bundle)) {
        for (const id of moduleIds) modules.add(id.replace(/\?.*$/, ''));
      }
    },
  };
}

function write(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** The files of the server that the page is made of too; its own are listed anyway, as styles come from all of them. */
function sharedFiles(root, modules) {
  const folders = ['src', 'docs'].map((name) => join(root, name) + sep);
  return modules.filter((id) => folders.some((folder) => id.startsWith(folder))).map((id) => relative(root, id));
}

function hashesOf(root, files) {
  return Object.fromEntries(
    files.map((file) => [
      file,
      existsSync(join(root, file))
        ? createHash('sha256')
            .update(readFileSync(join(root, file)))
            .digest('hex')
        : null,
    ]),
  );
}

function isFresh(root, cache) {
  try {
    const { hashes, shared } = JSON.parse(readFileSync(join(cache, 'inputs.json'), 'utf8'));
    return JSON.stringify(hashes) === JSON.stringify(hashesOf(root, [...listInputs(root), ...shared]));
  } catch {
    return false;
  }
}

function listInputs(root) {
  return [...listConsole(root), 'package-lock.json', join('scripts', 'build', 'console.mjs')];
}

/** In one move, as another build may do the same. Where it cannot be kept, the next build makes it again. */
function keep({ root, cache, to, modules }) {
  try {
    mkdirSync(dirname(cache), { recursive: true });
    const aside = mkdtempSync(`${cache}-`);
    cpSync(to, join(aside, 'console'), { recursive: true });
    const shared = sharedFiles(root, modules);
    const hashes = hashesOf(root, [...listInputs(root), ...shared]);
    writeFileSync(join(aside, 'inputs.json'), JSON.stringify({ hashes, shared }));
    const before = mkdtempSync(`${cache}-before-`);
    if (existsSync(cache)) renameSync(cache, join(before, 'console'));
    renameSync(aside, cache);
    rmSync(before, { recursive: true, force: true });
  } catch {
    // Somebody else's.
  }
}
