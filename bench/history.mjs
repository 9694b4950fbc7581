// What a long history costs: a file with many finished runs against one with none, taking turns in one process.
//   npm run bench:history -- [--runs 1000000] [--rounds 41] [--share 1]
// A share below 1 makes fewer calls in a round: to see that it works, not to measure.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createErrand } from '../dist/index.js';
import {
  compareHistories,
  findAmongMany,
  LIMIT,
  makeTemplate,
  threeSearchable,
} from './lib/history/history-measures.mjs';
import { makeHistory } from './lib/history/make-history.mjs';
import { describeMachine } from './lib/machine.mjs';
import { whole } from './lib/table.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '41' },
    share: { type: 'string', default: '1' },
  },
});
const RUNS = Number(values.runs);
const ROUNDS = Number(values.rounds);
const share = Number(values.share);
const FINDS = 21;

const open = (data) =>
  createErrand({ data, workflows: [threeSearchable], monthlyCredits: 1_000_000_000, maxActiveRuns: 1_000 });

const say = (text) => process.stderr.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'errand-bench-history-'));

async function main() {
  const machine = describeMachine();
  const [emptyFolder, fullFolder] = [join(folder, 'empty'), join(folder, 'full')];
  for (const one of [emptyFolder, fullFolder]) mkdirSync(one);
  const first = await open(fullFolder);
  await makeTemplate(first);
  await first.close();
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
  const found = await findAmongMany(full, { runs: RUNS, times: FINDS, share });
  const table = await compareHistories({ empty, full, rounds: ROUNDS, share });
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

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
