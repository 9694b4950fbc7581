// How fast a server is ready, the first time in a data folder and the next time; how much memory it takes idle; and how
// large the package is. Installs the package from the registry into a scratch folder.
//   npm run bench:start -- [--starts 5]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './lib/machine.mjs';

const { values } = parseArgs({ options: { starts: { type: 'string', default: '5' } } });
const STARTS = Number(values.starts);
const LIMIT_MS = 1_000;
const LIMIT_MB = 100;
const LIMIT_INSTALLED_MB = 15;
/** By then a process has ended what its start needed, and Node has given back the memory of it. */
const IDLE_MS = 60_000;
/** By then it has kept what came of handlers. */
const KEEP_MS = 500;
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
/** What brings programs for this machine: esbuild, and SQLite for Node before 22.13. */
const PROGRAMS = ['esbuild', '@esbuild', '@photostructure'];

const counted = new Set();
const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'errand-bench-start-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

console.log(`${describeMachine()}\n`);
const installed = install();
const own = Object.entries(installed).reduce((sum, [name, mb]) => (PROGRAMS.includes(name) ? sum : sum + mb), 0);
const starts = [];
const again = [];
for (let start = 1; start <= STARTS; start += 1) {
  const data = mkdtempSync(join(scratch, 'data-'));
  starts.push(await measureStart(data, start === STARTS ? IDLE_MS : KEEP_MS));
  again.push(await measureStart(data, 0));
}
const median = (all) => all.map((start) => start.ms).toSorted((a, b) => a - b)[Math.floor(STARTS / 2)];
const [ms, nextMs] = [median(starts), median(again)];
const mb = starts.at(-1).mb;

const verdict = (value, limit) => (value < limit ? 'within' : 'OVER');
console.log(
  `ready, with the workflows that ship  ${nextMs.toFixed(0)} ms, the median of ${STARTS}; ${verdict(nextMs, LIMIT_MS)} ${LIMIT_MS} ms`,
);
console.log(
  `  the first time in a data folder     ${ms.toFixed(0)} ms, the median of ${STARTS}; ${verdict(ms, LIMIT_MS)} ${LIMIT_MS} ms`,
);
console.log(
  `resident when idle for a minute       ${mb.toFixed(0)} MB, its processes included; ${verdict(mb, LIMIT_MB)} ${LIMIT_MB} MB`,
);
console.log(
  `installed, without programs          ${own.toFixed(1)} MB; ${verdict(own, LIMIT_INSTALLED_MB)} ${LIMIT_INSTALLED_MB} MB`,
);
for (const name of PROGRAMS) console.log(`  ${name.padEnd(34)} ${(installed[name] ?? 0).toFixed(1)} MB`);
if (ms >= LIMIT_MS || nextMs >= LIMIT_MS || mb >= LIMIT_MB || own >= LIMIT_INSTALLED_MB) process.exitCode = 1;

/** The size of each folder of node_modules, in megabytes. */
function install() {
  const [{ filename }] = JSON.parse(
    execFileSync(npm, ['pack', '--json', '--pack-destination', scratch], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const project = join(scratch, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{}');
  const args = ['install', '--no-audit', '--no-fund', '--silent', join(scratch, filename)];
  execFileSync(npm, args, { cwd: project, stdio: ['ignore', 2, 2] });
  const modules = join(project, 'node_modules');
  return Object.fromEntries(readdirSync(modules).map((name) => [name, sizeOf(join(modules, name)) / 1e6]));
}

function sizeOf(path) {
  const found = lstatSync(path);
  // esbuild links its program into a second folder.
  if (found.nlink > 1 && found.isFile()) return counted.has(found.ino) ? 0 : (counted.add(found.ino), found.size);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

async function measureStart(data, idleMs) {
  const args = [join(root, 'dist', 'cli', 'main.js'), 'serve', '--port', '0', '--data', data];
  const begun = performance.now();
  const server = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  let output = '';
  for await (const text of server.stdout) {
    output += text;
    if (output.includes('Errand serves on')) break;
  }
  const tookMs = performance.now() - begun;
  await sleep(idleMs);
  const residentMb = [server.pid, ...childrenOf(server.pid)].reduce((sum, pid) => sum + residentOf(pid), 0);
  server.kill('SIGTERM');
  await ended;
  return { ms: tookMs, mb: residentMb };
}

function residentOf(pid) {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
