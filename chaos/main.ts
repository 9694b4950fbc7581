import { parseArgs } from 'node:util';
import { chaos, type ChaosOptions } from './chaos.js';
import { clusterChaos } from './cluster/cluster-chaos.js';
import { ioErrors, powerLoss } from './faults/disk-faults.js';
import { NotHere } from './faults/faults.js';
import { fullDisk } from './faults/full-disk.js';
import type { Times } from './times.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '1800' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    mode: { type: 'string', default: 'kill' },
    active: { type: 'string', default: '40' },
    durability: { type: 'string', default: 'full' },
    cluster: { type: 'boolean', default: false },
    processes: { type: 'string', default: '3' },
    'restate-nodes': { type: 'string', default: '1' },
    pooler: { type: 'string' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Mode {
  /** Of the servers that are ended, the share that is asked to stop. */
  readonly terms: number;
  readonly faults?: ChaosOptions['faults'];
  readonly harm?: ChaosOptions['harm'];
}

/** How much longer other runs may take beside workflows that do harm. */
const MAX_SLOWDOWN = 2;
const MIN_RUNS = 20;

function judgeTimes({ usual, beside }: { readonly usual: Times; readonly beside: Times }): boolean {
  const least = Math.min(usual.runs, beside.runs);
  if (least < MIN_RUNS) {
    say(`Too few runs (${least}) to tell how much longer others take beside workflows that do harm.`);
    return false;
  }
  const [median, slow] = [beside.p50 / usual.p50, beside.p95 / usual.p95];
  say(
    `Beside workflows that do harm, others take ${median.toFixed(2)} times as long, slow ones ${slow.toFixed(2)} times.`,
  );
  return median <= MAX_SLOWDOWN && slow <= MAX_SLOWDOWN;
}

const MODES: { readonly [mode: string]: Mode } = {
  kill: { terms: 0 },
  term: { terms: 1 },
  'full-disk': { terms: 0.1, faults: fullDisk },
  'io-errors': { terms: 0.1, faults: ioErrors },
  'power-loss': { terms: 0, faults: powerLoss },
  'hostile-workflows': { terms: 0.3, harm: { afterMs: 15_000, lifeMs: 6_000, moreMs: 6_000 } },
};

if (values.cluster) {
  say(`chaos: several processes, seed ${values.seed}`);
  const { kills, seconds, seed, active, processes } = values;
  const { verdict } = await clusterChaos({
    strikes: Number(kills),
    seconds: Number(seconds),
    seed: Number(seed),
    active: Number(active),
    processes: Number(processes),
    restateNodes: Number(values['restate-nodes']),
    ...(values.pooler === undefined ? {} : { pooler: Number(values.pooler) }),
    say,
  });
  process.exit(verdict.violations.length === 0 ? 0 : 1);
}
const mode = MODES[values.mode];
if (mode === undefined) {
  say(`There is no mode ${values.mode}: choose one of ${Object.keys(MODES).join(', ')}.`);
  process.exit(2);
}
say(`chaos: mode ${values.mode}, seed ${values.seed}`);
try {
  const { kills, seconds, seed, active, durability } = values;
  const { verdict, times } = await chaos({
    kills: Number(kills),
    seconds: Number(seconds),
    seed: Number(seed),
    active: Number(active),
    durability,
    terms: mode.terms,
    ...(mode.faults === undefined ? {} : { faults: mode.faults }),
    ...(mode.harm === undefined ? {} : { harm: mode.harm }),
    say,
  });
  process.exitCode = verdict.violations.length === 0 ? 0 : 1;
  if (times !== null && !judgeTimes(times)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof NotHere)) throw error;
  say(`Skipped: ${error.message}.`);
}
