// Errand and its peers, one after another on this machine: the same workflows, durable on disk for all.
//   npm run bench:engine -- [--only errand,dbos] [--seconds 5] [--telemetry] [--json]
// With --telemetry, runs through HTTP are also measured on a server that tells a collector of OpenTelemetry what it does.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCommits } from './lib/commit-floor.mjs';
import { describeMachine } from './lib/machine.mjs';
import { measureHttp } from './lib/http-alone.mjs';
import { findNewNode, versionOfNode } from './lib/processes/new-node.mjs';
import { measurePeer } from './lib/processes/run-child.mjs';
import { millis, renderTable, whole } from './lib/table.mjs';
import { STEPS } from './lib/workloads.mjs';
import { ERRAND, PEERS } from './peers/peers.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    telemetry: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const WARM_UP_SECONDS = Math.min(3, 10 * seconds);

const LOADS = [
  { workload: 'three', atOnce: 500, seconds },
  { workload: 'three', atOnce: 50, seconds },
  { workload: 'three', atOnce: 1, seconds, atMost: 1_000 },
  { workload: 'fanOut', atOnce: 50, seconds },
  { workload: 'map', atOnce: 10, seconds },
];
const TITLES = {
  'three 500': 'Three steps, 500 at a time',
  'three 50': 'Three steps, 50 at a time',
  'three 1': 'Three steps, alone',
  'fanOut 50': 'Ten steps side by side and one that joins them, 50 at a time',
  'map 10': 'A map over 200 items, each a step, 10 at a time',
};
const keyOf = ({ workload, atOnce }) => `${workload} ${atOnce}`;

const newNode = findNewNode();
const chosen = values.only?.split(',');
const isChosen = ({ id }) => chosen === undefined || chosen.includes(id);
// Some peers need a newer Node than many machines have; where this one is older, Errand is measured on theirs as well.
const errands = newNode === null || newNode === process.execPath ? [ERRAND] : [ERRAND, { ...ERRAND, newNode: true }];
const peers = [...errands, ...PEERS].filter(isChosen);

const say = (text) => process.stderr.write(`${text}\n`);
const machine = describeMachine();
say(machine);

const results = [];
for (const peer of peers) results.push(await measure(peer));
const throughHttp = isChosen(ERRAND) ? await measureThroughHttp() : [];
/**
 * A run of three steps, alone: its acceptance, and each step's outcome before what needs it; the last one's goes with
 * the run's end.
 */
const COMMITS = 4;
const floor = isChosen(ERRAND) ? await measureCommits(COMMITS) : null;

if (values.json) process.stdout.write(`${JSON.stringify({ machine, results, throughHttp, floor }, null, 2)}\n`);
else process.stdout.write(`${report(results)}\n`);

async function measure(peer) {
  const label = labelOf(peer);
  const node = peer.newNode ? newNode : process.execPath;
  if (node === null) {
    const reason = 'it needs Node 22.13 or newer, and there is none';
    say(`${label}: not measured: ${reason}`);
    return { peer, label, measured: null, reason };
  }
  say(`${label} …`);
  try {
    const measured = [];
    let about = null;
    // Each in processes of its own for every number of runs at once: some have worker pools made for one, and none has
    // another load behind it.
    for (const loads of bySize(LOADS)) {
      const found = await measurePeer({ peer, node, loads, warmUpSeconds: WARM_UP_SECONDS });
      measured.push(...found.measured);
      ({ about } = found);
    }
    return { peer, label, measured, about, reason: null };
  } catch (error) {
    say(`${label}: not measured: ${error.message}`);
    return { peer, label, measured: null, reason: error.message };
  }
}

function bySize(loads) {
  const sizes = [...new Set(loads.map(({ atOnce }) => atOnce))];
  return sizes.map((size) => loads.filter(({ atOnce }) => atOnce === size));
}

async function measureThroughHttp() {
  say('Errand through HTTP …');
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-http-'));
  try {
    return await measureHttp({ folder, seconds, atMost: 1_000, telemetry: values.telemetry });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function labelOf(peer) {
  const version = peer.version === null ? '' : ` ${versionOf(peer.version)}`;
  return `${peer.name}${version}, ${peer.keeps}, Node ${versionOfNode(peer.newNode ? newNode : process.execPath)}`;
}

function versionOf(name) {
  try {
    return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
  } catch {
    return '(not installed)';
  }
}

function report(all) {
  const parts = [machine];
  for (const load of LOADS) parts.push(tableFor(all, load) + (load.atOnce === 1 ? floorText() : ''));
  if (throughHttp.length > 0) parts.push(httpTable());
  const missing = all.filter(({ measured }) => measured === null);
  if (missing.length > 0) {
    parts.push(`Not measured:\n${missing.map(({ label, reason }) => `  ${label}: ${reason}`).join('\n')}`);
  }
  const notes = all.flatMap(({ label, peer, about }) => {
    const said = [about, peer.note].filter((note) => typeof note === 'string');
    return said.length === 0 ? [] : [`  ${label}: ${said.join('; ')}`];
  });
  if (notes.length > 0) parts.push(`Notes:\n${notes.join('\n')}`);
  return parts.join('\n\n');
}

function tableFor(all, load) {
  const key = keyOf(load);
  const rows = all.flatMap(({ peer, label, measured }) => {
    const found = measured?.find((one) => keyOf(one) === key);
    return found === undefined ? [] : [{ peer, label, ...found }];
  });
  const own = rows.filter(({ peer }) => peer.id === ERRAND.id);
  const [errand] = own;
  const others = rows.filter(({ peer }) => peer.id !== ERRAND.id);
  const cells = rows.map((row) => [
    row.label,
    whole(row.runsPerSecond),
    whole(row.runsPerSecond * STEPS[load.workload]),
    millis(row.p50),
    millis(row.p99),
    row.residentMiB === null ? '?' : whole(row.residentMiB),
    errand === undefined || own.includes(row) ? '' : `${(errand.runsPerSecond / row.runsPerSecond).toFixed(1)} ×`,
  ]);
  const table = renderTable(['', 'runs/s', 'steps/s', 'p50 ms', 'p99 ms', 'MiB', 'Errand is'], cells);
  const best = others.toSorted((a, b) => b.runsPerSecond - a.runsPerSecond)[0];
  const times = own.map((row) => (best === undefined ? '' : (row.runsPerSecond / best.runsPerSecond).toFixed(1)));
  const verdict =
    best === undefined
      ? ''
      : `\nThe best peer here is ${best.label}; Errand does ${times.join(' and ')} times its runs.`;
  return `${TITLES[key]}\n${table}${own.length === 0 ? '' : verdict}`;
}

function floorText() {
  if (floor === null) return '';
  return `\n${COMMITS} durable commits of one row each, which no such run can do without, take ${millis(floor)} ms here at the median.`;
}

function httpTable() {
  const rows = throughHttp.map(({ way, runs, runsPerSecond, p50, p99 }) => [
    way,
    whole(runs),
    whole(runsPerSecond),
    millis(p50),
    millis(p99),
  ]);
  const title = 'Errand through HTTP: three steps, from the call to the answer that holds the output';
  return `${title}\n${renderTable(['', 'runs', 'runs/s', 'p50 ms', 'p99 ms'], rows)}`;
}
