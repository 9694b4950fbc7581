// npm run conformance: the fixture server, and every server scenario of the suite for every revision that it supports.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildServer } from './build-server.mjs';
import { findNode, install } from '../scripts/folder-packages.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Without a revision, each scenario runs at the newest that it knows: those carried forward at 2025-11-25, the newer
 * ones and the Tasks extension, which no revision selects, at 2026-07-28. 2024-11-05 is not in the suite.
 */
const RUNS = [null, '2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'];

install(here);
const node = findNode(here, '22.0');
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
