import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { move } from '../../src/app/moves/open-sides.js';
import { ServerProcess } from '../support/server/server-process.js';
import { TestCluster } from './test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start(0);
}, 120_000);
afterAll(() => cluster.stop());

const statusOf = async (server: ServerProcess, run: string): Promise<unknown> =>
  (await server.api(`/runs/${run}`)).body['status'];
const begin = async (server: ServerProcess, workflow: string): Promise<string> => {
  const { body } = await server.api('/runs', { method: 'POST', body: { workflow_id: workflow, input: {} } });
  return String(body['id'] ?? body['run_id']);
};
const startAlone = (data: string): Promise<ServerProcess> =>
  ServerProcess.start({
    data,
    workflows: join(import.meta.dirname, 'workflows'),
    env: { ERRAND_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'), ERRAND_BOOTSTRAP_CREDITS: '1000' },
  });

it('runs that wait in a data folder go on in a cluster that they were moved to, and in a folder again', async () => {
  const [data, back] = [join(cluster.folder, 'one-file'), join(cluster.folder, 'one-file-again')];
  const alone = await startAlone(data);
  const [waiting, asking, kept] = [await begin(alone, 'waits'), await begin(alone, 'asks'), await begin(alone, 'asks')];
  for (const run of [waiting, asking, kept]) await expect.poll(() => statusOf(alone, run)).toBe('running');
  expect(await alone.end('SIGTERM')).toBe(0);

  await move({ from: data, to: cluster.databaseUrl });
  const { server } = await cluster.join();
  await expect.poll(() => statusOf(server, waiting), { timeout: 60_000 }).toBe('completed');
  const answer = { method: 'POST', body: { answer: 'this' } };
  expect((await server.api(`/runs/${asking}/nodes/question/answer`, answer)).status).toBeLessThan(300);
  await expect.poll(() => statusOf(server, asking), { timeout: 60_000 }).toBe('completed');
  const balance = await server.api('/credits');
  expect(await server.end('SIGTERM')).toBe(0);

  await move({ from: cluster.databaseUrl, to: back });
  const home = await startAlone(back);
  expect([await statusOf(home, waiting), await statusOf(home, asking)]).toEqual(['completed', 'completed']);
  expect((await home.api('/credits')).body).toEqual(balance.body);
  expect((await home.api(`/runs/${kept}/nodes/question/answer`, answer)).status).toBeLessThan(300);
  await expect.poll(() => statusOf(home, kept), { timeout: 60_000 }).toBe('completed');
  expect(await home.end('SIGTERM')).toBe(0);
}, 180_000);
