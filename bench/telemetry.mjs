// What telemetry costs: processor time of servers that tell a collector nothing, what they tell where nothing is said of
// sampling, and every trace, for the same runs and polls, in turns. Of the whole process and of its first thread, which
// does all the work: what telemetry adds to that is what runs and polls wait for. Turns are short, and the cheapest
// quarter of a side's turns counts: what else the machine does makes turns dearer, never cheaper. Servers are started anew
// a few times, as each compiles its code in its own way, and medians count. A second server without telemetry takes
// part: what it seems to cost more is how far the figures can be trusted.
//   npm run bench:telemetry -- [--seconds 0.25] [--rounds 16] [--starts 3]
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askJson } from './lib/ask-json.mjs';
import { startCollector } from './lib/collector.mjs';
import { applyLoad, median, quantile } from './lib/load.mjs';
import { describeMachine } from './lib/machine.mjs';
import { stopProcess } from './lib/processes/postgres.mjs';
import { serveErrand } from './lib/processes/serve-errand.mjs';
import { renderTable, whole } from './lib/table.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '0.25' },
    rounds: { type: 'string', default: '16' },
    starts: { type: 'string', default: '3' },
  },
});
const SECONDS = Number(values.seconds);
const ROUNDS = Number(values.rounds);
const STARTS = Number(values.starts);
const KEY = `sk_live_${'b'.repeat(32)}`;
const AT_ONCE = 50;
const LOADS = ['runs', 'polls'];
/** In percent of what a run, and a poll, takes of the first thread, where nothing is said of sampling. */
const LIMITS = { runs: 10, polls: 5 };
const WORKFLOW = `
id: three
name: Three steps
description: Adds 1 three times.
input: { type: object, required: [n], properties: { n: { type: integer } } }
nodes:
  - { id: a, kind: transform, with: '{{ input.n + 1 }}' }
  - { id: b, kind: transform, needs: [a], with: '{{ nodes.a.output + 1 }}' }
  - { id: c, kind: transform, needs: [b], with: '{{ nodes.b.output + 1 }}' }
result: '{{ nodes.c.output }}'
`;

const scratch = mkdtempSync(join(tmpdir(), 'errand-bench-telemetry-'));
const collector = await startCollector();
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const servers = new Set();

try {
  const asked = collector.env;
  const sides = {
    off: {},
    'off again': {},
    'as it comes': asked,
    'every trace': { ...asked, OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
  };
  const names = Object.keys(sides);
  const spent = Object.fromEntries(LOADS.map((load) => [load, names.map(() => [])]));
  for (let start = 0; start < STARTS; start += 1) {
    const opened = [];
    for (const name of names) opened.push(await openServer(`${name} ${start}`, sides[name]));
    const turns = Object.fromEntries(LOADS.map((load) => [load, names.map(() => [])]));
    for (let round = 0; round <= ROUNDS; round += 1) await measureRound(opened, round, turns);
    for (const load of LOADS) for (const [index, costs] of turns[load].entries()) spent[load][index].push(calm(costs));
    for (const { server } of opened) await end(server);
  }
  console.log(`${describeMachine()}\n`);
  let isOver = false;
  const rows = Object.entries(spent).flatMap(([load, costs]) =>
    ['thread', 'process'].map((part) => {
      const figures = costs.map((of) => median(of.map((cost) => cost[part])));
      const more = costs
        .slice(1)
        .map((of) => median(of.map((cost, round) => percentMore(cost[part], costs[0][round][part]))));
      if (part === 'thread' && more[1] > LIMITS[load]) isOver = true;
      return [`${load}, ${part === 'thread' ? 'first thread' : 'whole process'}`, ...figures, ...more];
    }),
  );
  console.log(
    renderTable(
      ['processor time, microseconds each', ...names, ...names.slice(1).map((name) => `${name}, % more`)],
      rows.map(([load, ...figures]) => [load, ...figures.map((figure) => whole(Math.max(0, figure)))]),
    ),
  );
  if (isOver) {
    console.log(`\nOVER ${LIMITS.runs} % for runs, or ${LIMITS.polls} % for polls.`);
    process.exitCode = 1;
  }
} finally {
  agent.destroy();
  for (const server of servers) await end(server);
  await collector.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** The first round is the warm-up. */
async function measureRound(opened, round, spent) {
  for (const [load, costs] of Object.entries(spent)) {
    for (const turn of opened.keys()) {
      const index = (turn + round) % opened.length;
      const cost = await measure(opened[index], load);
      if (round > 0) costs[index].push(cost);
    }
  }
}

async function end(server) {
  servers.delete(server);
  await stopProcess(server);
}

async function openServer(name, telemetry) {
  const folder = join(scratch, name);
  mkdirSync(join(folder, 'workflows'), { recursive: true });
  writeFileSync(join(folder, 'workflows', 'three.yaml'), WORKFLOW);
  const env = { ERRAND_CALLS_PER_MINUTE: '100000000', OTEL_SDK_DISABLED: 'true', ...telemetry };
  const { server, port } = await serveErrand({ folder, key: KEY, env });
  servers.add(server);
  const post = (path, body) => askJson({ agent, port, method: 'POST', path, body, key: KEY });
  const start = (n) => post('/api/v1/runs', { workflow_id: 'three', input: { n }, wait_seconds: 10 });
  const { run_id: runId } = await start(1);
  const params = { name: 'get_run_status', arguments: { run_id: runId } };
  return {
    server,
    pid: server.pid,
    runs: { run: async (n) => (await start(n)).output, expected: (n) => n + 3 },
    polls: {
      run: async () =>
        (await post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params })).result?.structuredContent?.status,
      expected: () => 'completed',
    },
  };
}

/** Microseconds of the server's processor time for each, of its first thread and of all. */
async function measure(side, load) {
  const before = processorMs(side.pid);
  const { runs } = await applyLoad({ ...side[load], atOnce: AT_ONCE, seconds: SECONDS });
  const after = processorMs(side.pid);
  return {
    thread: ((after.thread - before.thread) * 1_000) / runs,
    process: ((after.process - before.process) * 1_000) / runs,
  };
}

/** From /proc, in nanoseconds there. A thread that ends between two looks is not counted; none of a server does. */
function processorMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => spentBy(`/proc/${pid}/task/${thread}/schedstat`));
  return { thread: spentBy(`/proc/${pid}/task/${pid}/schedstat`), process: threads.reduce((sum, ms) => sum + ms, 0) };
}

function spentBy(file) {
  return Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6;
}

/** Of turns that came one after the other, the cost of a calm one. */
function calm(costs) {
  const quartile = (part) =>
    quantile(
      costs.map((cost) => cost[part]).toSorted((a, b) => a - b),
      0.25,
    );
  return { thread: quartile('thread'), process: quartile('process') };
}

function percentMore(cost, than) {
  return (100 * (cost - than)) / than;
}
