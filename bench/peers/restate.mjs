import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { startRestate } from '../../cluster/lib/restate.mjs';
import { freePort } from '../lib/processes/free-port.mjs';
import { FAN_OUT, itemsOf, MAP_AT_ONCE, sum } from '../lib/workloads.mjs';

const service = restate.service({
  name: 'bench',
  handlers: {
    three: async (ctx, n) => {
      const a = await ctx.run('a', () => n + 1);
      const b = await ctx.run('b', () => a + 1);
      return ctx.run('c', () => b + 1);
    },
    fanOut: async (ctx, n) => {
      const branches = Array.from({ length: FAN_OUT }, (_, index) => ctx.run(`branch_${index}`, () => n + index));
      const numbers = await restate.RestatePromise.all(branches);
      return ctx.run('join', () => sum(numbers));
    },
    map: async (ctx, items) => {
      const doubled = [];
      for (let from = 0; from < items.length; from += MAP_AT_ONCE) {
        const some = items.slice(from, from + MAP_AT_ONCE).map((item) => ctx.run('double', () => item * 2));
        doubled.push(...(await restate.RestatePromise.all(some)));
      }
      return sum(doubled);
    },
  },
});

export async function start({ folder }) {
  const endpoint = await freePort();
  await restate.serve({ services: [service], port: endpoint, logger: () => undefined });
  const [server] = await startRestate(folder, { packageFrom: import.meta.url });
  const registered = await fetch(`${server.adminUrl}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${endpoint}` }),
  });
  if (!registered.ok) throw new Error(`restate-server refused the service: ${await registered.text()}`);
  const client = clients.connect({ url: server.url }).serviceClient(service);
  return {
    three: (seed) => client.three(seed),
    fanOut: (seed) => client.fanOut(seed),
    map: (seed) => client.map(itemsOf(seed)),
    stop: () => server.stop(),
  };
}
