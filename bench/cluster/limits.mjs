import { join } from 'node:path';
import { createErrand } from '../../dist/index.js';
import { applyLoad, medians } from '../lib/load.mjs';
import { millis, renderTable, whole } from '../lib/table.mjs';
import { defineThree, runThree, threeNodes } from '../lib/three-steps-in-code.mjs';
import { libraryOptions, openLibrary, startParts } from './errand-library.mjs';

/** How many runs go on at once: asked for at once without limits, allowed of more with them. */
const ACTIVE = 300;
/** So that a hundred runs always wait for their turn. */
const ASKED_WITH_LIMITS = 400;
const MAX_ROUNDS = 5;
const WARM_UP_SECONDS = 5;
/** Of what is done without limits. */
const LEAST = 0.9;

const LIMITS = {
  maxActiveNodes: ACTIVE,
  organizationLimits: { runs: ACTIVE, nodes: ACTIVE },
  resources: { calls: { concurrency: ACTIVE, per_second: 10_000 } },
};
const KINDS = [
  { label: 'without limits', atOnce: ACTIVE, options: {}, workflow: defineThree() },
  {
    label: 'with limits',
    atOnce: ASKED_WITH_LIMITS,
    options: LIMITS,
    workflow: defineThree({
      limits: { runs: ACTIVE, nodes: ACTIVE },
      // A resource that each node used would let no more than 3,333 runs a second begin: no rate is higher.
      nodes: threeNodes.map((node) => (node.id === 'b' ? { ...node, resource: 'calls' } : node)),
    }),
  },
];

/** Runs of three steps with limits of the process, the organization, the workflow and a resource, and without any. */
export async function measureLimits({ folder, seconds, rounds, say }) {
  const last = Math.min(rounds, MAX_ROUNDS);
  const parts = await startParts(join(folder, 'parts'));
  const places = [
    { place: 'Postgres and Restate', open: (workflow, options) => openLibrary(parts, workflow, options) },
    { place: 'one SQLite file', open: (workflow, options) => openFile(join(folder, 'file'), workflow, options) },
  ];
  try {
    const results = places.flatMap(({ place, open }) => KINDS.map((kind) => ({ place, open, ...kind, measured: [] })));
    for (let round = 1; round <= last; round += 1) {
      say(`limits: round ${round} of ${last}, ${results.length} loads of ${WARM_UP_SECONDS} and ${seconds} s`);
      for (const result of results) result.measured.push(await measureOne(result, seconds));
    }
    return results.map(({ place, label, measured }) => ({
      place,
      label,
      ...medians(measured, ['runsPerSecond', 'p50', 'p99']),
    }));
  } finally {
    await parts.stop();
  }
}

function openFile(data, workflow, options) {
  return createErrand({ ...libraryOptions(workflow), data, ...options });
}

async function measureOne({ open, workflow, options, atOnce }, seconds) {
  const errand = await open(workflow, options);
  try {
    const load = { run: (n) => runThree(errand, n), expected: (n) => n + 3, atOnce };
    await applyLoad({ ...load, seconds: Math.min(WARM_UP_SECONDS, seconds) });
    return await applyLoad({ ...load, seconds });
  } finally {
    await errand.close();
  }
}

export function reportLimits(results) {
  const rows = results.map(({ place, label, runsPerSecond, p50, p99 }) => {
    const [free] = results.filter((other) => other.place === place);
    return [
      `${place}, ${label}`,
      whole(runsPerSecond),
      (runsPerSecond / free.runsPerSecond).toFixed(2),
      millis(p50),
      millis(p99),
    ];
  });
  const table = renderTable(['', 'runs/s', 'of without', 'p50 ms', 'p99 ms'], rows);
  const asked = `${ACTIVE} at a time, ${ASKED_WITH_LIMITS} asked for with limits of ${ACTIVE}`;
  return `Three steps as a library, ${asked} (at least ${LEAST} of without)\n${table}`;
}
