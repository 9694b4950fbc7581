// What a long history costs: a file with many finished runs against one with none, taking turns in one process.
//   npm run bench:history -- [--runs 1000000] [--rounds 41] [--share 1]
// A share below 1 makes fewer calls in a round: to see that it works, not to measure.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createErrand, defineWorkflow } from '../dist/index.js';
import { makeHistory } from './lib/make-history.mjs';
import { quantile } from './lib/load.mjs';
import { describeMachine } from './lib/machine.mjs';
import { millis, renderTable, whole } from './lib/table.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '41' },
    share: { type: 'string', default: '1' },
  },
});
const RUNS = Number(values.runs);
const ROUNDS = Number(values.rounds);
const inShare = (times) => Math.ceil(times * Number(values.share));
const LIMIT = 1.2;
const FINDS = 21;

const step = async ({ input }) => ({ n: input.n + 1 });
const workflow = defineWorkflow({
  id: 'three',
  name: 'Three steps',
  description: 'Adds 1 three times.',
  credits: 1,
  searchable: ['input.n'],
  nodes: [
    { id: 'a', kind: 'code', with: { n: '{{ input.n }}' }, run: step },
    { id: 'b', kind: 'code', needs: ['a'], with: { n: '{{ nodes.a.output.n }}' }, run: step },
    { id: 'c', kind: 'code', needs: ['b'], with: { n: '{{ nodes.b.output.n }}' }, run: step },
  ],
});

const open = (data) =>
  createErrand({ data, workflows: [workflow], monthlyCredits: 1_000_000_000, maxActiveRuns: 1_000 });

const say = (text) => process.stderr.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'errand-bench-history-'));

async function main() {
  const machine = describeMachine();
  const [emptyFolder, fullFolder] = [join(folder, 'empty'), join(folder, 'full')];
  for (const one of [emptyFolder, fullFolder]) mkdirSync(one);
  await makeTemplate(fullFolder);
  say(`Making ${whole(RUNS)} finished runs …`);
  const from = performance.now();
  await makeHistory({ path: join(fullFolder, 'errand.db'), runs: RUNS });
  const size = statSync(join(fullFolder, 'errand.db')).size / 1024 / 1024;
  say(`… in ${Math.round((performance.now() - from) / 1000)} s: ${whole(size)} MiB`);
  const before = performance.now();
  const full = await open(fullFolder);
  const opening = performance.now() - before;
  const empty = await open(emptyFolder);
  const { total } = await full.listRuns({ limit: 1 });
  if (total !== RUNS) throw new Error(`The file has ${total} runs, not ${RUNS}`);
  const found = await findAmongMany(full);
  const table = await compare({ empty, full });
  await Promise.all([empty.close(), full.close()]);
  process.stdout.write(`${machine}\n\n`);
  process.stdout.write(
    `${whole(RUNS)} finished runs in the file (${whole(size)} MiB) against none; opening it took ${Math.round(opening)} ms.\n`,
  );
  process.stdout.write(`Microseconds at the median of ${ROUNDS} rounds that take turns.\n\n${table.text}\n`);
  process.stdout.write(
    `\nMilliseconds for a page of 20 among them, at the median of ${FINDS}, and how many it held.\n\n${found}\n`,
  );
  if (table.worst > LIMIT) {
    process.stdout.write(`\nAbove the limit of ${LIMIT}.\n`);
    process.exitCode = 1;
  }
}

/**
 * One finished run, done by Errand itself: the rows of all others are copies of its rows with ids and times of their
 * own.
 */
async function makeTemplate(data) {
  const errand = await open(data);
  const run = await errand.runWorkflow('three', { n: 1 }, { tags: ['all', 'rare'] });
  await errand.waitForRun(run.id);
  await errand.close();
}

/** Each returns how long one call took, in microseconds, at the median of many. */
const measures = {
  'starting a run': (errand) => each(100, () => errand.runWorkflow('three', { n: 1 })),
  'starting a run and waiting for its end': (errand) =>
    each(50, async () => errand.waitForRun((await errand.runWorkflow('three', { n: 1 })).id)),
  'starting 50 at once and waiting for their ends': (errand) =>
    each(10, () =>
      Promise.all(
        Array.from({ length: 50 }, async () => errand.waitForRun((await errand.runWorkflow('three', { n: 1 })).id)),
      ),
    ),
  'polling a run that has just ended': async (errand) => {
    const { id } = await errand.runWorkflow('three', { n: 1 });
    await errand.waitForRun(id);
    return together(5_000, () => errand.getRun(id));
  },
  'polling 500 runs that have ended, in turn': async (errand) => {
    const ids = await endedRuns(errand);
    return together(2_000, (count) => errand.getRun(ids[count % ids.length]));
  },
  'listing the newest 20': (errand) => each(100, () => errand.listRuns({ limit: 20 })),
  'listing 20 of a workflow, completed': (errand) =>
    each(100, () => errand.listRuns({ limit: 20, workflowId: 'three', status: 'completed' })),
  'listing those that run': (errand) => each(100, () => errand.listRuns({ limit: 20, status: 'running' })),
  'listing the 3rd page': (errand) => each(100, () => errand.listRuns({ limit: 20, offset: 40 })),
};

/** Each asks for a page of 20 runs, as far as one call looks. */
const searches = {
  'two statuses': { statuses: ['completed', 'failed'] },
  'a tag that all have': { tags: ['all'] },
  'a tag that 10 have': { tags: ['rare'] },
  'a tag that all have and one that 10 have': { tags: ['all', 'rare'] },
  'a tag that all have and a status that none has': { tags: ['all'], statuses: ['failed'] },
  'a value that one has': { fields: { 'input.n': '77' } },
  'a value that one has, of a workflow, completed': {
    fields: { 'input.n': '77' },
    workflowId: 'three',
    statuses: ['completed'],
  },
  'the oldest hour': 'oldest',
};

async function findAmongMany(errand) {
  const rows = [];
  for (const [name, given] of Object.entries(searches)) {
    const filter = given === 'oldest' ? { createdBefore: Date.now() - (RUNS / 5) * 1000 + 3_600_000 } : given;
    let runs = [];
    const took = await each(FINDS, async () => ({ runs } = await errand.searchRuns({ ...filter, limit: 20 })));
    rows.push([name, millis(took / 1000), String(runs.length)]);
  }
  return renderTable(['found by', 'ms', 'runs'], rows);
}

async function each(times, call) {
  const took = [];
  for (let count = 0; count < inShare(times); count += 1) {
    const from = performance.now();
    await call();
    took.push((performance.now() - from) * 1000);
  }
  return median(took);
}

/** For what takes less than the clock can tell: microseconds of one of many. */
async function together(times, call) {
  const calls = inShare(times);
  const from = performance.now();
  for (let count = 0; count < calls; count += 1) await call(count);
  return ((performance.now() - from) * 1000) / calls;
}

const ended = new WeakMap();

/** More of them than are kept in memory. */
async function endedRuns(errand) {
  let ids = ended.get(errand);
  if (ids === undefined) {
    ids = [];
    for (let count = 0; count < inShare(500); count += 1) {
      const { id } = await errand.runWorkflow('three', { n: 1 });
      await errand.waitForRun(id);
      ids.push(id);
    }
    ended.set(errand, ids);
  }
  return ids;
}

async function compare({ empty, full }) {
  const found = new Map(Object.keys(measures).map((name) => [name, { empty: [], full: [] }]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, measure] of Object.entries(measures)) {
      const order =
        round % 2 === 0
          ? [
              ['empty', empty],
              ['full', full],
            ]
          : [
              ['full', full],
              ['empty', empty],
            ];
      for (const [which, errand] of order) {
        const took = await measure(errand);
        // The first round warms up.
        if (round > 0) found.get(name)[which].push(took);
      }
    }
  }
  let worst = 0;
  const rows = [...found].map(([name, took]) => {
    const [none, many] = [median(took.empty), median(took.full)];
    worst = Math.max(worst, many / none);
    return [name, whole(none), whole(many), (many / none).toFixed(2)];
  });
  return { worst, text: renderTable(['', 'empty', 'full', 'ratio'], rows) };
}

function median(numbers) {
  return quantile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  );
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
