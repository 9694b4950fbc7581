// Compiles src/ to dist/ and copies what the program reads at run time.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
// Made aside and moved there whole: a server that was started from it goes on, and reads some files only when it needs them. Beside it, as source maps name
// their sources by the way to them.
const made = mkdtempSync(join(root, '.build-'));
const before = `${made}-before`;

try {
  compile();
  copyOthers();
  if (existsSync(dist)) renameSync(dist, before);
  chmodSync(made, 0o755);
  renameSync(made, dist);
} finally {
  for (const folder of [made, before]) rmSync(folder, { recursive: true, force: true });
}

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', made];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  rmSync(made, { recursive: true, force: true });
  process.exit(status ?? 1);
}

function copyOthers() {
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(sql|json|html|mjs)$/.test(entry.name)) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(made, from.slice(join(root, 'src').length));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}
