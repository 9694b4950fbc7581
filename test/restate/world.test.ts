import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../support/http/webhook-receiver.js';
import type { ServerProcess } from '../support/server/server-process.js';
import { TestCluster } from './test-cluster.js';

let cluster: TestCluster;
let receiver: WebhookReceiver;

const ENV = { ERRAND_OUTBOUND_ALLOW: '127.0.0.1' };

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  cluster = await TestCluster.start(0);
  await Promise.all([cluster.join(ENV), cluster.join(ENV)]);
}, 180_000);
afterAll(async () => {
  await cluster.stop();
  await receiver.close();
});

const servers = (): readonly [ServerProcess, ServerProcess] => {
  const [a, b] = cluster.members;
  if (a === undefined || b === undefined) throw new Error('there are two');
  return [a.server, b.server];
};

/** The moments for which a schedule has started runs, in epoch seconds, with repeats. */
async function readMoments(scheduleId: string): Promise<number[]> {
  const rows = await cluster.postgres.query(
    `SELECT idempotency_key AS key FROM runs WHERE idempotency_key LIKE '%${scheduleId}%'`,
    cluster.databaseUrl,
  );
  return rows.map(({ key }) => Date.parse(String(key).split(' ').at(-1) ?? '') / 1_000).toSorted((a, b) => a - b);
}

/** Each with the next second after the one before it. */
const inARow = (moments: readonly number[]): readonly number[] => moments.map((_, index) => (moments[0] ?? 0) + index);

describe('two processes on one database', () => {
  it('start one run for what comes to a hook at both at once', async () => {
    const [a, b] = servers();
    const { body: hook } = await a.api('/hooks', { method: 'POST', body: { workflow_id: 'works', input: { ms: 1 } } });
    const { pathname } = new URL(String(hook['url']));
    const deliver = async (server: ServerProcess, delivery: number): Promise<string> => {
      const headers = { 'content-type': 'application/json', 'webhook-id': `delivery ${delivery}` };
      const response = await fetch(server.url + pathname, { method: 'POST', headers, body: '{}' });
      return String(((await response.json()) as { run_id?: unknown }).run_id);
    };
    const deliveries = Array.from({ length: 10 }, (_, index) => index);
    const given = await Promise.all(
      deliveries.map((delivery) => Promise.all([a, b, a, b].map((server) => deliver(server, delivery)))),
    );
    for (const runs of given) expect(new Set(runs).size).toBe(1);
    expect(new Set(given.flat()).size).toBe(deliveries.length);
    expect(given.flat()).not.toContain('undefined');
  });

  it('tell of each run in its order, wherever it was started, and once as long as both live', async () => {
    const events = ['node.completed', 'run.completed'];
    const [a, b] = servers();
    const { body: webhook } = await a.api('/webhooks', {
      method: 'POST',
      body: { url: `${receiver.url}/both`, events, workflow_id: 'works' },
    });
    const startOn = async (server: ServerProcess): Promise<string> => {
      const { body } = await server.api('/runs', { method: 'POST', body: { workflow_id: 'works', input: { ms: 1 } } });
      return String(body['run_id']);
    };
    // The other process, which drives all of these, learns of it a moment later.
    const { callPort } = cluster.members[0] ?? { callPort: 0 };
    cluster.balancer.remove(callPort);
    await expect
      .poll(
        async () => {
          const run = await startOn(b);
          await b.api(`/runs/${run}?wait_seconds=20`);
          return receiver.received.length;
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBeGreaterThan(0);
    cluster.balancer.add(callPort);
    const runs = await Promise.all(Array.from({ length: 20 }, (_, index) => startOn(index % 2 === 0 ? a : b)));
    const told = () =>
      receiver.received.map(({ body, headers }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: { run_id: string; node_id?: string } };
        return { id: headers['webhook-id'], run: data.run_id, what: data.node_id ?? type };
      });
    const toldOf = (run: string) => told().flatMap((message) => (message.run === run ? [message.what] : []));
    await expect
      .poll(() => runs.filter((run) => toldOf(run).includes('run.completed')), { timeout: 60_000 })
      .toEqual(runs);
    for (const run of runs) expect(toldOf(run)).toEqual(['first', 'work', 'last', 'run.completed']);
    await b.api(`/webhooks/${String(webhook['id'])}`, { method: 'DELETE' });
  }, 90_000);

  it('start one run for each time of a schedule, also when one of them dies', async () => {
    const [a, b] = servers();
    const { body: schedule } = await a.api('/schedules', {
      method: 'POST',
      body: { name: 'ticks', workflow_id: 'works', cron: '* * * * * *', input: { ms: 1 }, overlap: 'cancel_previous' },
    });
    const id = String(schedule['id']);
    await expect.poll(() => readMoments(id), { timeout: 60_000 }).toHaveProperty('length', 4);
    await a.end('SIGKILL');
    const before = (await readMoments(id)).length;
    await expect.poll(async () => (await readMoments(id)).length, { timeout: 60_000 }).toBeGreaterThan(before + 3);
    const { status } = await b.api(`/schedules/${id}`, { method: 'DELETE' });
    expect(status).toBe(204);
    const moments = await readMoments(id);
    expect(moments).toEqual(inARow(moments));
  }, 150_000);
});
