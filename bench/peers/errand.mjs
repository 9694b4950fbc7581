import { join } from 'node:path';
import { createErrand, defineWorkflow } from '../../dist/index.js';
import { threeSteps } from '../lib/three-steps-in-code.mjs';
import { FAN_OUT, itemsOf, MAP_AT_ONCE, sum } from '../lib/workloads.mjs';

const add =
  (amount) =>
  async ({ input }) => ({ n: input.n + amount });

const branches = Array.from({ length: FAN_OUT }, (_, index) => ({
  id: `branch_${index}`,
  kind: 'code',
  with: { n: '{{ input.n }}' },
  run: add(index),
}));

const fanOut = defineWorkflow({
  id: 'fan_out',
  name: 'Fan-out',
  description: 'Ten steps side by side, then their sum.',
  credits: 1,
  nodes: [
    ...branches,
    {
      id: 'join',
      kind: 'code',
      needs: branches.map(({ id }) => id),
      with: { numbers: branches.map(({ id }) => `{{ nodes.${id}.output.n }}`) },
      run: async ({ input }) => ({ n: sum(input.numbers) }),
    },
  ],
});

const map = defineWorkflow({
  id: 'map_items',
  name: 'Map',
  description: 'A step for each item, then their sum.',
  credits: 1,
  nodes: [
    {
      id: 'each',
      kind: 'map',
      over: '{{ input.items }}',
      concurrency: MAP_AT_ONCE,
      do: { kind: 'code', with: { n: '{{ item }}' }, run: async ({ input }) => input.n * 2 },
    },
    {
      id: 'total',
      kind: 'code',
      needs: ['each'],
      with: { numbers: '{{ nodes.each.output }}' },
      run: async ({ input }) => ({ n: sum(input.numbers) }),
    },
  ],
});

export async function start({ folder }) {
  const errand = await createErrand({
    data: join(folder, 'errand'),
    workflows: [threeSteps, fanOut, map],
    monthlyCredits: 1_000_000_000,
    maxActiveRuns: 1_000,
  });
  const run = async (workflow, input) => {
    const { id } = await errand.runWorkflow(workflow, input);
    return (await errand.waitForRun(id)).output?.n;
  };
  return {
    three: (seed) => run('three', { n: seed }),
    fanOut: (seed) => run('fan_out', { n: seed }),
    map: (seed) => run('map_items', { items: itemsOf(seed) }),
    stop: () => errand.close(),
  };
}
