import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from 'pg';
import { TestCluster } from './test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start(1);
}, 120_000);
afterAll(() => cluster.stop());

/** The connections that wait for a lock on webhooks, which a process reads at its start when it answers calls already. */
async function findWaiting(): Promise<number[]> {
  const rows = await cluster.postgres.query(
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM webhooks%'",
  );
  return rows.map(({ pid }) => pid as number);
}

it('goes on when the database drops its connection, once the process answers calls', { timeout: 60_000 }, async () => {
  const locks = new Client({ connectionString: cluster.databaseUrl });
  await locks.connect();
  await locks.query('BEGIN; LOCK TABLE webhooks IN ACCESS EXCLUSIVE MODE');
  const joining = cluster.join();
  await expect.poll(findWaiting).not.toEqual([]);
  const [pid] = await findWaiting();
  await cluster.postgres.query(`SELECT pg_terminate_backend(${pid})`);
  await expect.poll(async () => (await findWaiting()).some((other) => other !== pid)).toBe(true);
  await locks.query('COMMIT');
  await locks.end();
  const { server } = await joining;
  expect((await server.api('/workflows')).status).toBe(200);
});
