// What running handlers beside the server costs, and what it is worth: against handlers in the server, in turns, in one run.
//   npm run bench:isolation -- [--part nodes|cores|polls] [--rounds 81] [--seconds 5]
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { measureEchoes } from './isolation/echo.mjs';
import { readRunDelay } from './isolation/run-delay.mjs';
import { chain, computing, looping, makeWorkflows, openFolder } from './isolation/open-folder.mjs';
import { applyLoad, median, quantile } from './lib/load.mjs';
import { describeMachine } from './lib/machine.mjs';
import { stopProcess } from './lib/processes/postgres.mjs';
import { serveErrand } from './lib/processes/serve-errand.mjs';
import { renderTable, whole } from './lib/table.mjs';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'all' },
    rounds: { type: 'string', default: '81' },
    seconds: { type: 'string', default: '5' },
  },
});
const PARTS = { nodes: measureNodes, cores: measureCores, polls: measurePolls };
const parts = values.part === 'all' ? Object.values(PARTS) : [PARTS[values.part]];
if (parts.includes(undefined)) throw new Error(`--part is one of ${Object.keys(PARTS).join(', ')}, all`);
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const NODES = 50;
const AT_ONCE = 50;
/** Of the rounds, those in which the system has kept Errand from its cores least: others may be at work on the machine. */
const CALM_SHARE = 0.25;
/** Where these waited for a core for a greater part of the time, what a call adds cannot be told. */
const MAX_WAITED = 0.05;
const LOOPS = 20;
const LIMITS = { addedUs: 150, runsPerSecond: 3_000, speedUp: 1.8, pollMs: 20 };
const KEY = `sk_live_${'i'.repeat(32)}`;

const missed = [];
/** A line about a figure and its limit. */
function judge(text, figure, limit, isMissed) {
  if (isMissed(figure, limit)) missed.push(text);
  process.stdout.write(`${text}\n`);
}

process.stdout.write(`${describeMachine()}\n\n`);
for (const measure of parts) await measure();
if (missed.length > 0) {
  process.stdout.write(`\nBeyond the limits:\n${missed.map((text) => `  ${text}\n`).join('')}`);
  process.exitCode = 1;
}

async function measureNodes() {
  const ways = ['inline', 'thread', 'process'];
  const { folder, remove } = makeWorkflows({
    ...Object.fromEntries(ways.map((way) => [`chain_${way}`, chain(`chain_${way}`, way, NODES)])),
    ...Object.fromEntries(ways.map((way) => [`three_${way}`, chain(`three_${way}`, way, 3)])),
  });
  const errand = await openFolder({ folder });
  try {
    const took = await timeChains(errand, ways);
    const speed = await measureSpeeds(errand, ways);
    reportNodes({ ways, took, speed, echo: median(await measureEchoes(1_000)) });
  } finally {
    await errand.close();
    remove();
  }
}

/** Of each way by turns, in microseconds a node, and the share of the time for which the system kept Errand from a core. */
async function timeChains(errand, ways) {
  const took = Object.fromEntries(ways.map((way) => [way, []]));
  for (let round = -5; round < ROUNDS; round += 1) {
    for (const way of ways) {
      const [from, delayed] = [performance.now(), readRunDelay()];
      const run = await errand.run(`chain_${way}`, { n: 0 });
      if (run.output?.n !== NODES) throw new Error(`The chain came to ${JSON.stringify(run.output)}`);
      const ms = performance.now() - from;
      if (round >= 0) took[way].push({ us: (ms * 1000) / NODES, delay: (readRunDelay() - delayed) / ms });
    }
  }
  return took;
}

async function measureSpeeds(errand, ways) {
  const speed = {};
  for (const way of ways) {
    const load = {
      run: async (n) => (await errand.run(`three_${way}`, { n })).output?.n,
      expected: (n) => n + 3,
      atOnce: AT_ONCE,
    };
    await applyLoad({ ...load, seconds: Math.min(2, SECONDS) });
    speed[way] = (await applyLoad({ ...load, seconds: SECONDS })).runsPerSecond;
  }
  return speed;
}

function reportNodes({ ways, took, speed, echo }) {
  const all = (way) => median(took[way].map(({ us }) => us));
  const calm = (way) => median(calmest(took[way]).map(({ us }) => us));
  const rows = ways.map((way) => [
    way,
    whole(all(way)),
    whole(all(way) - all('inline')),
    whole(calm(way) - calm('inline')),
    whole(speed[way]),
  ]);
  const header = [
    'handlers run',
    `µs a node, ${NODES} in turn`,
    'more than inline',
    'in calm rounds',
    `runs/s of three, ${AT_ONCE} at once`,
  ];
  const waited = Math.max(...ways.flatMap((way) => calmest(took[way]).map(({ delay }) => delay)));
  process.stdout.write(
    `${renderTable(header, rows)}\n\n` +
      `Calm rounds: the quarter in which the system kept Errand waiting for a core least, ${whole(waited * 100)} % of the time at most\n` +
      `A bare message to a process and back, between two syncs: ${whole(echo)} µs at the median\n`,
  );
  for (const way of ['thread', 'process']) {
    const added = calm(way) - calm('inline');
    const ratio = `${(added / echo).toFixed(1)} bare messages`;
    const text = `A trivial node in a ${way} adds ${whole(added)} µs at the median of calm rounds, ${ratio} (limit ${LIMITS.addedUs})`;
    if (waited > MAX_WAITED) judge(`${text}: the machine was too busy to tell`, added, LIMITS.addedUs, () => true);
    else judge(text, added, LIMITS.addedUs, (more, limit) => more > limit);
  }
  judge(
    `Three nodes in processes, ${AT_ONCE} runs at once: ${whole(speed.process)} runs/s (limit ${whole(LIMITS.runsPerSecond)})`,
    speed.process,
    LIMITS.runsPerSecond,
    (had, limit) => had < limit,
  );
}

function calmest(rounds) {
  return rounds.toSorted((a, b) => a.delay - b.delay).slice(0, Math.ceil(rounds.length * CALM_SHARE));
}

/** Eight nodes that compute side by side, against one of them eight times. */
async function measureCores() {
  if (cpus().length < 2) return process.stdout.write('One core: nothing to spread computing over\n');
  const rounds = 150_000_000;
  const { folder, remove } = makeWorkflows({
    one: computing('one', 'process', { count: 1, rounds }),
    eight: computing('eight', 'process', { count: 8, rounds }),
  });
  const errand = await openFolder({ folder });
  const time = async (id) => {
    // The first run starts the workers.
    await errand.run(id);
    const from = performance.now();
    await errand.run(id);
    return performance.now() - from;
  };
  try {
    const [one, eight] = [await time('one'), await time('eight')];
    const speedUp = (8 * one) / eight;
    const text = `Eight nodes that compute end ${speedUp.toFixed(2)} times as fast as one after another (limit ${LIMITS.speedUp})`;
    judge(text, speedUp, LIMITS.speedUp, (a, b) => a < b);
  } finally {
    await errand.close();
    remove();
  }
}

/** Polls of an ended run through HTTP, one after another, while twenty handlers loop until their time-out. */
async function measurePolls() {
  const workflows = { looping: looping('looping', 'process'), three: chain('three', 'process', 3) };
  const { folder, remove } = makeWorkflows(workflows);
  const { server, call } = await startServer(folder);
  const start = async (workflow_id, wait_seconds) => {
    const body = JSON.stringify({ workflow_id, input: { n: 0 }, wait_seconds });
    return (await call('/api/v1/runs', { method: 'POST', body })).json();
  };
  try {
    const { run_id } = await start('three', 10);
    for (let count = 0; count < LOOPS; count += 1) await start('looping', 0);
    await sleep(500);
    const took = await pollFor(SECONDS * 1_000, () => call(`/api/v1/runs/${run_id}`));
    const [p50, p99] = [quantile(took, 0.5), quantile(took, 0.99)];
    const times = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    const text = `${whole(took.length)} polls while ${LOOPS} handlers loop: ${times} (limit ${LIMITS.pollMs})`;
    judge(text, p99, LIMITS.pollMs, (a, b) => a > b);
  } finally {
    await stopProcess(server);
    remove();
  }
}

async function startServer(folder) {
  const env = { ERRAND_LOG_LEVEL: 'fatal', ERRAND_CALLS_PER_MINUTE: '1000000' };
  const { server, port } = await serveErrand({ folder, key: KEY, env });
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  return { server, call: (path, init = {}) => fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers }) };
}

/** How long each took, in milliseconds, the shortest first. */
async function pollFor(ms, poll) {
  const took = [];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const from = performance.now();
    const answer = await poll();
    if (!answer.ok) throw new Error(`A poll was answered ${answer.status}`);
    await answer.arrayBuffer();
    took.push(performance.now() - from);
  }
  return took.toSorted((a, b) => a - b);
}
