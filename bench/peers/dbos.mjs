import { DBOS } from '@dbos-inc/dbos-sdk';
import { FAN_OUT, itemsOf, MAP_AT_ONCE, sum } from '../lib/workloads.mjs';

const step = (name, work) => DBOS.runStep(work, { name });

async function threeSteps(n) {
  const a = await step('a', async () => n + 1);
  const b = await step('b', async () => a + 1);
  return step('c', async () => b + 1);
}

/** Steps side by side are started in a fixed order, which DBOS's replay asks for. */
async function fanOutSteps(n) {
  const branches = Array.from({ length: FAN_OUT }, (_, index) => step(`branch_${index}`, async () => n + index));
  const numbers = (await Promise.allSettled(branches)).map(({ value }) => value);
  return step('join', async () => sum(numbers));
}

async function mapSteps(items) {
  const doubled = [];
  for (let from = 0; from < items.length; from += MAP_AT_ONCE) {
    const some = items.slice(from, from + MAP_AT_ONCE).map((item) => step('double', async () => item * 2));
    doubled.push(...(await Promise.allSettled(some)).map(({ value }) => value));
  }
  return sum(doubled);
}

export async function start({ postgresUrl }) {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: postgresUrl.replace(/postgres$/, 'dbos_bench'),
    systemDatabasePoolSize: 50,
    logLevel: 'error',
    tracingEnabled: false,
  });
  const three = DBOS.registerWorkflow(threeSteps, { name: 'three' });
  const fanOut = DBOS.registerWorkflow(fanOutSteps, { name: 'fan_out' });
  const map = DBOS.registerWorkflow(mapSteps, { name: 'map' });
  await DBOS.launch();
  const run = async (workflow, input) => (await DBOS.startWorkflow(workflow)(input)).getResult();
  return {
    three: (seed) => run(three, seed),
    fanOut: (seed) => run(fanOut, seed),
    map: (seed) => run(map, itemsOf(seed)),
    stop: () => DBOS.shutdown(),
  };
}
