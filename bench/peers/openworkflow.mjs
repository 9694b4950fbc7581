import { OpenWorkflow } from 'openworkflow';
import { FAN_OUT, itemsOf, MAP_AT_ONCE, sum } from '../lib/workloads.mjs';

/**
 * Its client asks for a result once a second, which would measure the asking. Here each waiting run is asked after this
 * often, in milliseconds, times a tenth of the runs under way: 2,000 questions a second in all.
 */
const RESULT_POLL_MS = 5;

export async function startOn(backend, { atOnce }) {
  const client = new OpenWorkflow({ backend });
  const three = client.defineWorkflow({ name: 'three' }, async ({ input, step }) => {
    const a = await step.run({ name: 'a' }, async () => input.n + 1);
    const b = await step.run({ name: 'b' }, async () => a + 1);
    return step.run({ name: 'c' }, async () => b + 1);
  });
  const fanOut = client.defineWorkflow({ name: 'fan_out' }, async ({ input, step }) => {
    const numbers = await Promise.all(
      Array.from({ length: FAN_OUT }, (_, index) => step.run({ name: `branch_${index}` }, async () => input.n + index)),
    );
    return step.run({ name: 'join' }, async () => sum(numbers));
  });
  const map = client.defineWorkflow({ name: 'map' }, async ({ input, step }) => {
    const doubled = [];
    for (let from = 0; from < input.items.length; from += MAP_AT_ONCE) {
      const some = input.items
        .slice(from, from + MAP_AT_ONCE)
        .map((item, index) => step.run({ name: `double_${from + index}` }, async () => item * 2));
      doubled.push(...(await Promise.all(some)));
    }
    return sum(doubled);
  });
  const worker = client.newWorker({ concurrency: atOnce });
  await worker.start();
  let underWay = 0;
  const run = async (workflow, input) => {
    underWay += 1;
    try {
      const handle = await workflow.run(input);
      handle.resultPollIntervalMs = RESULT_POLL_MS * Math.max(1, underWay / 10);
      return await handle.result();
    } finally {
      underWay -= 1;
    }
  };
  return {
    three: (seed) => run(three, { n: seed }),
    fanOut: (seed) => run(fanOut, { n: seed }),
    map: (seed) => run(map, { items: itemsOf(seed) }),
    stop: async () => {
      await worker.stop();
      await backend.stop();
    },
  };
}
