import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { FAN_OUT, itemsOf, MAP_AT_ONCE, sum } from '../lib/workloads.mjs';

const Collecting = Annotation.Root({
  n: Annotation(),
  item: Annotation(),
  numbers: Annotation({ reducer: (kept, more) => kept.concat(more), default: () => [] }),
});

const add =
  (amount) =>
  async ({ n }) => ({ n: n + amount });

const three = new StateGraph(Annotation.Root({ n: Annotation() }))
  .addNode('a', add(1))
  .addNode('b', add(1))
  .addNode('c', add(1))
  .addEdge(START, 'a')
  .addEdge('a', 'b')
  .addEdge('b', 'c')
  .addEdge('c', END);

const fanOut = new StateGraph(Collecting).addNode('join', async ({ numbers }) => ({ n: sum(numbers) }));
for (let index = 0; index < FAN_OUT; index += 1) {
  fanOut.addNode(`branch_${index}`, async ({ n }) => ({ numbers: [n + index] })).addEdge(START, `branch_${index}`);
}
fanOut.addEdge(
  Array.from({ length: FAN_OUT }, (_, index) => `branch_${index}`),
  'join',
);

const map = new StateGraph(Collecting)
  .addNode('split', async () => ({}))
  .addNode('double', async ({ item }) => ({ numbers: [item * 2] }))
  .addNode('total', async ({ numbers }) => ({ n: sum(numbers) }))
  .addEdge(START, 'split')
  .addConditionalEdges('split', ({ n }) => itemsOf(n).map((item) => new Send('double', { item })), ['double'])
  .addEdge('double', 'total')
  .addEdge('total', END);

export async function start({ folder }) {
  const checkpointer = SqliteSaver.fromConnString(join(folder, 'langgraph.db'));
  // better-sqlite3 is built to sync less than SQLite's default in WAL mode.
  checkpointer.db.pragma('synchronous = FULL');
  const graphs = Object.fromEntries(
    Object.entries({ three, fanOut, map }).map(([name, graph]) => [name, graph.compile({ checkpointer })]),
  );
  // `sync`: a checkpoint is kept before the next step starts, as everywhere else here.
  const run = async (graph, seed, more = {}) =>
    (await graph.invoke({ n: seed }, { configurable: { thread_id: randomUUID() }, durability: 'sync', ...more })).n;
  return {
    three: (seed) => run(graphs.three, seed),
    fanOut: (seed) => run(graphs.fanOut, seed),
    map: (seed) => run(graphs.map, seed, { maxConcurrency: MAP_AT_ONCE }),
    stop: async () => checkpointer.db.close(),
  };
}
