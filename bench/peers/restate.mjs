import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { freePort } from '../lib/processes/free-port.mjs';
import { stopProcess } from '../lib/processes/postgres.mjs';
import { until } from '../lib/until.mjs';
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
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const binary = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'restate-server');
  const [ingress, admin, node, endpoint] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const base = join(folder, 'restate');
  mkdirSync(base, { recursive: true });
  await restate.serve({ services: [service], port: endpoint, logger: () => undefined });
  const server = spawn(binary, ['--base-dir', base, '--node-name', 'bench'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_LOG_FILTER: 'error',
      RESTATE_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: '1',
    },
  });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2000)));
  }
  await until(
    () =>
      fetch(`http://127.0.0.1:${admin}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
    () => (server.exitCode === null ? null : `restate-server ended: ${said}`),
  );
  const registered = await fetch(`http://127.0.0.1:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${endpoint}` }),
  });
  if (!registered.ok) throw new Error(`restate-server refused the service: ${await registered.text()}`);
  const client = clients.connect({ url: `http://127.0.0.1:${ingress}` }).serviceClient(service);
  return {
    three: (seed) => client.three(seed),
    fanOut: (seed) => client.fanOut(seed),
    map: (seed) => client.map(itemsOf(seed)),
    stop: () => stopProcess(server),
  };
}
