// Errand on a disk whose every sync takes long: whether polls wait for it, and how much of what the disk allows is had.
//   npm run bench:slow-disk -- [--sync 20] [--seconds 5]
// The same polls go to a server that does nothing else, in a process of its own: what they take there is the machine's.
// A library that is preloaded (chaos/faults/disk-faults.c) makes the syncs slow: Linux and a C compiler are needed.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { buildDiskFaults } from '../chaos/faults/build-disk-faults.mjs';
import { applyLoad, quantile } from './lib/load.mjs';
import { describeMachine } from './lib/machine.mjs';
import { askJson } from './lib/ask-json.mjs';
import { stopProcess } from './lib/processes/postgres.mjs';
import { serveErrand } from './lib/processes/serve-errand.mjs';
import { millis, renderTable, whole } from './lib/table.mjs';

const CALLERS = 50;
/** Its acceptance and its end: what a caller of a run of one step waits for. */
const SYNCS = 2;
const LIMIT_POLL_MS = 10;
const LIMIT_SHARE = 0.6;
const KEY = `sk_live_${'b'.repeat(32)}`;
const SELF = fileURLToPath(import.meta.url);

if (!isMainThread) await poll(workerData);
else if (process.argv[2] === '--measure-syncs') measureSyncs(process.argv[3]);
else if (process.argv[2] === '--answer') answer();
else await main();

async function main() {
  const { values } = parseArgs({
    options: { sync: { type: 'string', default: '20' }, seconds: { type: 'string', default: '5' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-slow-'));
  try {
    const env = { LD_PRELOAD: buildLibrary(folder), SLOW_SYNC_MS: values.sync };
    process.stdout.write(`${describeMachine()}\n\n`);
    const syncMs = Number(
      spawnSync(process.execPath, [SELF, '--measure-syncs', folder], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
      }).stdout,
    );
    report(syncMs, await measureServer({ folder, env, seconds: Number(values.seconds) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(syncMs, { runsPerSecond, polls, bare }) {
  const possible = (CALLERS * 1_000) / (SYNCS * syncMs);
  const share = runsPerSecond / possible;
  const p99 = quantile(polls, 0.99);
  process.stdout.write(
    `${renderTable(
      ['', ''],
      [
        ['A sync, ms', millis(syncMs)],
        [`Runs/s of ${CALLERS} callers who wait for ${SYNCS} syncs each`, whole(possible)],
        ["Errand's runs/s", whole(runsPerSecond)],
        [`Its share of them (at least ${LIMIT_SHARE})`, share.toFixed(2)],
        ['Polls meanwhile, p50 ms', millis(quantile(polls, 0.5))],
        [`Polls meanwhile, p99 ms (below ${LIMIT_POLL_MS})`, millis(p99)],
        ['Polls meanwhile of a server that does nothing else, p50 ms', millis(quantile(bare, 0.5))],
        ['… p99 ms', millis(quantile(bare, 0.99))],
      ],
    )}\n`,
  );
  if (share < LIMIT_SHARE || p99 >= LIMIT_POLL_MS) process.exitCode = 1;
}

function buildLibrary(folder) {
  const { library, lacking } = buildDiskFaults(folder);
  if (lacking !== null) throw new Error(`Syncs cannot be made slow: ${lacking}.`);
  return library;
}

/** In a process with the library, as it is for the database's files. The mean of syncs one after the other. */
function measureSyncs(folder) {
  const fd = openSync(join(folder, 'errand.db-wal'), 'w');
  const page = Buffer.alloc(8192);
  const rounds = 50;
  const from = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    writeSync(fd, page);
    fdatasyncSync(fd);
  }
  process.stdout.write(String((performance.now() - from) / rounds));
  closeSync(fd);
}

async function measureServer({ folder, env, seconds }) {
  const workflows = join(folder, 'workflows', 'one');
  mkdirSync(workflows, { recursive: true });
  writeFileSync(
    join(workflows, 'workflow.yaml'),
    'id: one\nname: One step\ndescription: Gives what it is given.\ncredits: 1\n' +
      'nodes:\n  - { id: a, kind: transform, with: { n: "{{ input.n }}" } }\n',
  );
  const { server, port } = await serveErrand({ folder, key: KEY, env, withinMs: 60_000 });
  const idle = fork(SELF, ['--answer']);
  const [barePort] = await once(idle, 'message');
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const ask = (method, path, body) => askJson({ agent, port, method, path, body, key: KEY });
  try {
    const run = async (n) =>
      (await ask('POST', '/api/v1/runs', { workflow_id: 'one', input: { n }, wait_seconds: 20 })).output?.n;
    const load = { run, expected: (n) => n, atOnce: CALLERS };
    await applyLoad({ ...load, seconds: 1 });
    const { run_id: known } = await ask('POST', '/api/v1/runs', { workflow_id: 'one', input: { n: 1 } });
    const poller = new Worker(new URL(import.meta.url), { workerData: { port, barePort, known } });
    const { runsPerSecond } = await applyLoad({ ...load, seconds });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    poller.postMessage('stop');
    const [{ polls, bare }] = await once(poller, 'message');
    return { runsPerSecond, polls, bare };
  } finally {
    agent.destroy();
    idle.kill();
    await stopProcess(server);
  }
}

/** A server that does nothing but answer. */
function answer() {
  const server = createServer((_, response) => response.end('{}'));
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.once('disconnect', () => process.exit());
}

/** In a thread of its own, which does nothing else: one poll after the other, a few milliseconds apart, of each server. */
async function poll({ port, barePort, known }) {
  const over = new AbortController();
  parentPort.once('message', () => over.abort());
  const [polls, bare] = await Promise.all([port, barePort].map((one) => pollOne(one, known, over.signal)));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
  parentPort.postMessage({ polls, bare });
}

async function pollOne(port, known, signal) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  while (!signal.aborted) {
    const from = performance.now();
    await askJson({ agent, port, method: 'GET', path: `/api/v1/runs/${known}`, key: KEY });
    times.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  agent.destroy();
  return times.toSorted((a, b) => a - b);
}
