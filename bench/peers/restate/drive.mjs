import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as clients from '@restatedev/restate-sdk-clients';
import { Balancer } from '../../../cluster/lib/balancer.mjs';
import { startRestate } from '../../../cluster/lib/restate.mjs';
import { until } from '../../lib/until.mjs';
import { itemsOf } from '../../lib/workloads.mjs';
import { serve, service } from './service.mjs';

const SERVICE = fileURLToPath(new URL('./service.mjs', import.meta.url));

/** Restate with one node, and its service in this process. */
export async function driveWithOne({ folder }) {
  const [node] = await startRestate(folder, { packageFrom: import.meta.url });
  await register(node, `http://127.0.0.1:${await serve()}`);
  return { ...callsOf([node]), stop: () => node.stop() };
}

/** Restate with so many nodes, and as many processes that serve, behind a balancer: each run is asked of a node in turn. */
export async function driveWithMany({ folder, size }) {
  const nodes = await startRestate(folder, { size, packageFrom: import.meta.url });
  const balancer = new Balancer();
  await balancer.start();
  const processes = nodes.map(() => fork(SERVICE));
  for (const each of processes) balancer.add((await once(each, 'message'))[0]);
  await register(nodes[0], balancer.url);
  await untilAllKnow(nodes);
  const stop = async () => {
    for (const each of processes) each.kill();
    await Promise.all(nodes.map((node) => node.stop()));
    await balancer.stop();
  };
  return { ...callsOf(nodes), stop };
}

async function register({ adminUrl }, uri) {
  const registered = await fetch(`${adminUrl}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri }),
  });
  if (!registered.ok) throw new Error(`restate-server refused the service: ${await registered.text()}`);
}

/** A node knows a service a moment after it was registered at another. */
async function untilAllKnow(nodes) {
  for (const { url } of nodes) {
    const knows = () =>
      clientOf(url)
        .three(0)
        .then(
          () => true,
          () => false,
        );
    await until(knows, 60_000);
  }
}

const clientOf = (url) => clients.connect({ url }).serviceClient(service);

function callsOf(nodes) {
  const callers = nodes.map(({ url }) => clientOf(url));
  let turn = 0;
  const next = () => callers[(turn += 1) % callers.length];
  return {
    three: (seed) => next().three(seed),
    fanOut: (seed) => next().fanOut(seed),
    map: (seed) => next().map(itemsOf(seed)),
  };
}
