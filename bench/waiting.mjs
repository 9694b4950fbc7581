// What 10,000 runs cost that wait: for a time, for the next attempt after a failure, for a person's answer.
//   npm run bench:waiting -- [--runs 10000] [--seconds 10]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createErrand, defineWorkflow } from '../dist/index.js';
import { describeMachine } from './lib/machine.mjs';
import { until } from './lib/until.mjs';
import { whole } from './lib/table.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '10' } },
});
const RUNS = Number(values.runs);
const SECONDS = Number(values.seconds);
const LIMIT_MIB = 300;
/** Of one processor: a process that does nothing at all takes some for its timers and garbage. */
const LIMIT_CPU = 0.01;

const first = {
  id: 'first',
  kind: 'code',
  with: { n: '{{ input.n }}' },
  run: async ({ input }) => ({ n: input.n + 1 }),
};
const define = (id, node) =>
  defineWorkflow({ id, name: id, description: 'Waits.', credits: 1, nodes: [first, { needs: ['first'], ...node }] });

const workflows = [
  define('for_a_time', { id: 'wait', kind: 'wait', for: '1h' }),
  define('for_an_answer', { id: 'ask', kind: 'ask', question: 'Go on?', answer: { type: 'boolean' } }),
  define('for_another_attempt', {
    id: 'try',
    kind: 'code',
    retry: { attempts: 2, initial: '1h', max: '1h' },
    run: async () => {
      throw new Error('not now');
    },
  }),
];

const folder = mkdtempSync(join(tmpdir(), 'errand-bench-waiting-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  process.stdout.write(`${describeMachine()}\n\n`);
  const before = residentMiB();
  const errand = await open();
  const from = performance.now();
  await startAll(errand);
  await allWait(errand);
  process.stdout.write(
    `${whole(RUNS)} runs wait, ${Math.round((performance.now() - from) / 1000)} s after the first was started.\n`,
  );
  const started = await measureIdle('After starting them', before);
  await errand.close();

  const again = await open();
  await allWait(again);
  const resumed = await measureIdle('After a restart', before);
  await again.close();
  const bad = [started, resumed].some(({ mib, cpu }) => mib > LIMIT_MIB || cpu > LIMIT_CPU);
  if (bad) {
    process.stdout.write(`Above the limit of ${LIMIT_MIB} MiB or ${LIMIT_CPU * 100} % of a processor.\n`);
    process.exitCode = 1;
  }
}

function open() {
  return createErrand({ data: join(folder, 'data'), workflows, monthlyCredits: 1_000_000_000 });
}

async function startAll(errand) {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < RUNS; n = next++)
      await errand.runWorkflow(workflows[n % workflows.length].definition.id, { n });
  };
  await Promise.all(Array.from({ length: 50 }, worker));
}

/** Every run has come to its second node, and waits there. */
async function allWait(errand) {
  let offset = 0;
  await until(async () => {
    while (offset < RUNS) {
      const { runs } = await errand.listRuns({ limit: 100, offset, status: 'running' });
      for (const { id } of runs) {
        const { nodes } = await errand.getRun(id);
        if (nodes[1].status !== 'waiting') return false;
      }
      if (runs.length === 0) return false;
      offset += runs.length;
    }
    return true;
  }, 300_000);
}

async function measureIdle(when, before) {
  globalThis.gc?.();
  await sleep(1_000);
  const from = process.cpuUsage();
  await sleep(SECONDS * 1000);
  const { user, system } = process.cpuUsage(from);
  const cpu = (user + system) / 1e6 / SECONDS;
  const mib = residentMiB();
  process.stdout.write(
    `${when}: ${Math.round(mib)} MiB resident (${Math.round(before)} before anything was opened), ${(cpu * 100).toFixed(2)} % of a processor over ${SECONDS} s.\n`,
  );
  return { mib, cpu };
}

function residentMiB() {
  return process.memoryUsage.rss() / 1024 / 1024;
}
