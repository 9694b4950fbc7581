import { afterAll, beforeAll, expect, it } from 'vitest';
import { Balancer } from '../../cluster/lib/balancer.mjs';
import { makeNewerProgram } from '../../cluster/lib/newer-program.mjs';
import { KEY } from '../support/server/server-process.js';
import { TestCluster } from './test-cluster.js';

let cluster: TestCluster;
const clients = new Balancer();
beforeAll(async () => {
  cluster = await TestCluster.start(2);
  await clients.start();
}, 180_000);
afterAll(() => Promise.all([cluster.stop(), clients.stop()]));

const portOf = ({ server }: { readonly server: { readonly url: string } }): number => Number(new URL(server.url).port);

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${clients.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', connection: 'close' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('processes of a later version take over from those of this one under load, and no run is disturbed', async () => {
  const newer = makeNewerProgram('test-newer');
  const old = [...cluster.members];
  for (const member of old) clients.add(portOf(member));
  const ids: string[] = [];
  const refused: unknown[] = [];
  let longestMs = 0;
  const over = new AbortController();
  const caller = async (number: number): Promise<void> => {
    for (let sent = 0; !over.signal.aborted; sent += 1) {
      const order = { workflow_id: 'works', input: { ms: 100 }, idempotency_key: `${number}-${sent}` };
      const began = performance.now();
      // What was cut off by the stop of a process is sent once more, at once, as clients do.
      const started = await call('/runs', order).catch(() => call('/runs', order));
      longestMs = Math.max(longestMs, performance.now() - began);
      if (started.status >= 300) refused.push(started);
      else ids.push(String(started.body['id'] ?? started.body['run_id']));
    }
  };
  const callers = [1, 2, 3].map(caller);
  await expect.poll(() => ids.length, { timeout: 30_000 }).toBeGreaterThan(20);
  for (const member of old) {
    const next = await cluster.join({}, newer);
    clients.add(portOf(next));
    expect(await member.server.end('SIGTERM')).toBe(0);
    for (const [balancer, port] of [
      [clients, portOf(member)],
      [cluster.balancer, member.callPort],
    ] as const)
      balancer.remove(port);
    const reached = ids.length + 20;
    await expect.poll(() => ids.length, { timeout: 30_000 }).toBeGreaterThan(reached);
  }
  over.abort();
  await Promise.all(callers);
  expect(refused).toEqual([]);
  process.stdout.write(`The longest call took ${longestMs.toFixed(0)} ms.\n`);
  for (const id of ids) {
    const { body } = await call(`/runs/${id}?wait_seconds=25`);
    expect(body).toMatchObject({ status: 'completed', output: 'worked' });
    expect((body['nodes'] as { attempt: number }[]).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  }
  const [counted] = await cluster.postgres.query('SELECT sum(crashes) AS crashes FROM runs', cluster.databaseUrl);
  expect(Number(counted?.['crashes'])).toBe(0);
  // One of this version, which does not know the newest migration, can join again.
  const { server } = await cluster.join();
  expect((await server.api('/runs?limit=1')).status).toBe(200);
}, 240_000);
