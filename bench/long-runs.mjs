// What a step costs late in a long run against early in it: processor time and events read, tenth by tenth.
//   npm run bench:long-runs -- [--scale 1]
// A step's cost must not grow with the steps that are done. The last tenth of each run is held against its second
// tenth; the first warms up.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createErrand, defineWorkflow } from '../dist/index.js';
import { describeMachine } from './lib/machine.mjs';
import { renderTable, whole } from './lib/table.mjs';

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' } } });
const SCALE = Number(values.scale);
/** How much dearer the last tenth may be: what the processor's clock and the garbage collector blur. */
const LIMIT = 1.5;
const scaled = (count) => Math.max(20, Math.round(count * SCALE));
const COUNTS = { chain: scaled(3_000), children: scaled(1_500), map: scaled(100_000), agent: scaled(150) };

/** The processor's time at each step, in microseconds. */
let marks = [];
const mark = () => {
  const { user, system } = process.cpuUsage();
  marks.push(user + system);
  return marks.length;
};

const inChain = (count, node) =>
  Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    ...(index > 0 ? { needs: [`n${index - 1}`] } : {}),
    ...node,
  }));
const workflow = (id, nodes) => defineWorkflow({ id, name: id, description: 'A long run.', nodes });

const folder = mkdtempSync(join(tmpdir(), 'errand-bench-long-'));
const models = fork(new URL('./agents/tool-caller-child.mjs', import.meta.url), [String(COUNTS.agent)]);
try {
  const [{ url }] = await once(models, 'message');
  process.env.OPENAI_API_KEY = 'sk-bench';
  process.env.OPENAI_BASE_URL = url;
  process.stdout.write(`${describeMachine()}\n\n`);
  const errand = await createErrand({
    data: join(folder, 'data'),
    monthlyCredits: 1_000_000,
    workflows: [
      workflow('one', [{ id: 'only', kind: 'code', run: mark }]),
      workflow('chain', inChain(COUNTS.chain, { kind: 'code', run: mark })),
      workflow('children', inChain(COUNTS.children, { kind: 'workflow', workflow: 'one' })),
      workflow('map', [
        {
          id: 'all',
          kind: 'map',
          over: `{{ [1..${COUNTS.map}] }}`,
          do: { kind: 'code', run: mark },
        },
      ]),
      workflow('agent', [
        {
          id: 'scout',
          kind: 'agent',
          model: 'openai/gpt-5-mini',
          goal: 'Look at everything',
          max_steps: 200,
          tools: [
            {
              name: 'look',
              description: 'Looks at one thing',
              input: { type: 'object', properties: { at: { type: 'integer' } } },
              code: mark,
            },
          ],
        },
      ]),
    ],
  });
  const rows = [];
  for (const [id, title] of [
    ['chain', 'nodes one after another'],
    ['children', 'child runs one after another'],
    ['map', 'items of a map'],
    ['agent', 'calls of an agent'],
  ])
    rows.push(await measure(errand, id, title));
  await errand.close();
  process.stdout.write(
    `${renderTable(
      ['processor time for a step, µs', 'second tenth', 'last tenth', 'ratio'],
      rows.map(({ cells }) => cells),
    )}\n`,
  );
  if (rows.some(({ ratio }) => ratio > LIMIT)) {
    process.stdout.write(`\nAbove the limit of ${LIMIT}.\n`);
    process.exitCode = 1;
  }
} finally {
  if (models.connected) models.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(errand, id, title) {
  marks = [];
  const { id: runId } = await errand.runWorkflow(id, {});
  const run = await errand.waitForRun(runId);
  if (run.status !== 'completed') throw new Error(`${id} is ${run.status}: ${JSON.stringify(run.error)}`);
  const tenth = Math.floor(marks.length / 10);
  const cost = (from) => (marks[from + tenth - 1] - marks[from]) / (tenth - 1);
  const [early, late] = [cost(tenth), cost(marks.length - tenth)];
  const ratio = late / early;
  return { ratio, cells: [`${whole(marks.length)} ${title}`, whole(early), whole(late), ratio.toFixed(2)] };
}
