// One peer in a process of its own: starts it, warms it up, measures each load, writes one line of JSON.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { applyLoad } from '../lib/load.mjs';
import { residentMiB } from '../lib/memory.mjs';
import { fanOut, map, three } from '../lib/workloads.mjs';

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    folder: { type: 'string' },
    postgres: { type: 'string' },
    'postgres-pid': { type: 'string' },
    loads: { type: 'string' },
    'warm-up': { type: 'string' },
  },
});

const loads = JSON.parse(values.loads);
const { start } = await import(`./${values.peer}.mjs`);
const mostAtOnce = Math.max(...loads.map(({ atOnce }) => atOnce));
const peer = await start({ folder: values.folder, postgresUrl: values.postgres, atOnce: mostAtOnce });

const residentNow = () => {
  const own = residentMiB(process.pid);
  return own === null || values['postgres-pid'] === undefined ? own : own + residentMiB(Number(values['postgres-pid']));
};

const expected = { three, fanOut, map };
const measured = [];
let seeds = 0;
const measure = ({ workload, atOnce, seconds, atMost }) => {
  const from = (seeds += 1_000_000);
  return applyLoad({
    run: (seed) => peer[workload](from + seed),
    expected: (seed) => expected[workload](from + seed),
    atOnce,
    seconds,
    ...(atMost === undefined ? {} : { atMost }),
  });
};

await measure({ workload: 'three', atOnce: Math.min(50, mostAtOnce), seconds: Number(values['warm-up']) });
for (const load of loads) {
  await pause((load.restSeconds ?? 0) * 1_000);
  if (load.workload !== 'three') await measure({ ...load, seconds: 1 });
  measured.push({ ...load, ...(await measure(load)), residentMiB: residentNow() });
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
await Promise.race([peer.stop(), new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
process.exit(0);
