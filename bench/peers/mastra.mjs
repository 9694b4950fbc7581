import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { Mastra } from '@mastra/core/mastra';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { LibSQLStore } from '@mastra/libsql';
import { z } from 'zod';
import { FAN_OUT, itemsOf, MAP_AT_ONCE, sum } from '../lib/workloads.mjs';

const number = z.object({ n: z.number() });
const io = { inputSchema: number, outputSchema: number };
const add = (id, amount) => createStep({ id, ...io, execute: async ({ inputData }) => ({ n: inputData.n + amount }) });

const three = createWorkflow({ id: 'three', ...io })
  .then(add('a', 1))
  .then(add('b', 1))
  .then(add('c', 1))
  .commit();

const fanOut = createWorkflow({ id: 'fan_out', ...io })
  .parallel(Array.from({ length: FAN_OUT }, (_, index) => add(`branch_${index}`, index)))
  .then(
    createStep({
      id: 'join',
      inputSchema: z.any(),
      outputSchema: number,
      execute: async ({ inputData }) => ({ n: sum(Object.values(inputData).map(({ n }) => n)) }),
    }),
  )
  .commit();

const map = createWorkflow({ id: 'map', inputSchema: z.array(z.number()), outputSchema: number })
  .foreach(
    createStep({
      id: 'double',
      inputSchema: z.number(),
      outputSchema: z.number(),
      execute: async ({ inputData }) => inputData * 2,
    }),
    { concurrency: MAP_AT_ONCE },
  )
  .then(
    createStep({
      id: 'total',
      inputSchema: z.array(z.number()),
      outputSchema: number,
      execute: async ({ inputData }) => ({ n: sum(inputData) }),
    }),
  )
  .commit();

export async function start({ folder }) {
  const client = createClient({ url: `file:${join(folder, 'mastra.db')}` });
  const storage = new LibSQLStore({ id: 'bench', client });
  const mastra = new Mastra({ workflows: { three, fanOut, map }, storage, logger: false });
  await storage.init();
  // The store asks for less (NORMAL) on this connection as it starts: a power cut could take back what it acknowledged.
  await client.execute('PRAGMA synchronous = FULL');
  await assertFullSync(client);
  const run = async (name, inputData) => {
    const started = await mastra.getWorkflow(name).createRun();
    const result = await started.start({ inputData });
    if (result.status !== 'success') throw new Error(`A run ended as ${result.status}: ${String(result.error)}`);
    return result.result.n;
  };
  return {
    three: (seed) => run('three', { n: seed }),
    fanOut: (seed) => run('fanOut', { n: seed }),
    map: (seed) => run('map', itemsOf(seed)),
    stop: async () => undefined,
  };
}

async function assertFullSync(client) {
  const { rows } = await client.execute('PRAGMA synchronous');
  if (Number(rows[0]?.synchronous) !== 2) throw new Error("Mastra's connection does not sync every commit");
}
