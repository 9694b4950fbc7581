// What Restate drives: a service with a journal entry a step. As a program it serves that at a port of its own, and says which.
import * as restate from '@restatedev/restate-sdk';
import { freePort } from '../../lib/processes/free-port.mjs';
import { FAN_OUT, MAP_AT_ONCE, sum } from '../../lib/workloads.mjs';

export const service = restate.service({
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

/** Resolves with the port. */
export async function serve() {
  const port = await freePort();
  await restate.serve({ services: [service], port, logger: () => undefined });
  return port;
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) process.send(await serve());
