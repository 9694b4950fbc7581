import { median } from '../load.mjs';
import { millis, renderTable, whole } from '../table.mjs';
import { defineThree } from '../three-steps-in-code.mjs';

/** The workflow of the runs, finished and new. */
export const threeSearchable = defineThree({ searchable: ['input.n'] });

/** How close together the runs of a history are. */
export const RUNS_A_SECOND = 5;
/** At most so many times what it takes with no history. */
export const LIMIT = 1.2;

/**
 * One finished run, done by Errand itself: the rows of all others are copies of its rows with ids and times of their
 * own.
 */
export async function makeTemplate(errand) {
  const run = await errand.runWorkflow('three', { n: 1 }, { tags: ['all', 'rare'] });
  await errand.waitForRun(run.id);
}

/** Each returns how long one call took, in microseconds, at the median of many. */
const measuresOf = ({ each, together, endedRuns }) => ({
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
});

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

/** What a page of runs takes among `runs` of them, at the median of so many times. */
export async function findAmongMany(errand, { runs: count, times, share }) {
  const { each } = timersOf(share);
  const rows = [];
  for (const [name, given] of Object.entries(searches)) {
    const filter =
      given === 'oldest' ? { createdBefore: Date.now() - (count / RUNS_A_SECOND) * 1000 + 3_600_000 } : given;
    let runs = [];
    const took = await each(times, async () => ({ runs } = await errand.searchRuns({ ...filter, limit: 20 })));
    rows.push([name, millis(took / 1000), String(runs.length)]);
  }
  return renderTable(['found by', 'ms', 'runs'], rows);
}

/** `share` below 1 makes fewer calls. All give microseconds. */
function timersOf(share) {
  const inShare = (times) => Math.ceil(times * share);
  const ended = new WeakMap();
  return {
    each: async (times, call) => {
      const took = [];
      for (let count = 0; count < inShare(times); count += 1) {
        const from = performance.now();
        await call();
        took.push((performance.now() - from) * 1000);
      }
      return median(took);
    },
    /** For what takes less than the clock can tell: one of many. */
    together: async (times, call) => {
      const calls = inShare(times);
      const from = performance.now();
      for (let count = 0; count < calls; count += 1) await call(count);
      return ((performance.now() - from) * 1000) / calls;
    },
    /** More of them than are kept in memory. */
    endedRuns: async (errand) => {
      let ids = ended.get(errand);
      if (ids === undefined) {
        const one = async () => (await errand.waitForRun((await errand.runWorkflow('three', { n: 1 })).id)).id;
        ids = [];
        while (ids.length < inShare(500)) ids.push(...(await Promise.all(Array.from({ length: 10 }, one))));
        ended.set(errand, ids);
      }
      return ids;
    },
  };
}

/** Each measure with and without the history, taking turns for so many rounds. `worst`: the highest ratio. */
export async function compareHistories({ empty, full, rounds, share, say = () => undefined }) {
  const measures = measuresOf(timersOf(share));
  const found = new Map(Object.keys(measures).map((name) => [name, { empty: [], full: [] }]));
  const both = Object.entries({ empty, full });
  for (let round = 0; round <= rounds; round += 1) {
    say(`history: round ${round} of ${rounds}`);
    for (const [name, measure] of Object.entries(measures)) {
      for (const [which, errand] of round % 2 === 0 ? both : both.toReversed()) {
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
