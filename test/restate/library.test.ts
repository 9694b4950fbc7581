import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { Balancer } from '../../cluster/lib/balancer.mjs';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
import { createErrand, type Errand } from '../../src/app/create-errand.js';
import { defineWorkflow } from '../../src/workflow/define-workflow.js';
import { startTestPostgres, type TestPostgres } from '../postgres/test-postgres.js';
import { startTestRestate } from './test-restate.js';

const greets = defineWorkflow({
  id: 'greets',
  name: 'Greets',
  description: 'Asks for a name, and greets.',
  credits: 1,
  nodes: [
    { id: 'who', kind: 'ask', question: 'Who?', answer: { type: 'string' } },
    {
      id: 'greet',
      kind: 'code',
      needs: ['who'],
      with: '{{ nodes.who.output }}',
      run: ({ input }) => ({ hello: input }),
    },
  ],
});
const models = { secretKey: Buffer.alloc(32, 3).toString('hex') };

let postgres: TestPostgres;
let restate: RestateNode;
const balancer = new Balancer();
const opened: Errand[] = [];
beforeAll(async () => {
  [postgres, restate] = await Promise.all([startTestPostgres(), startTestRestate()]);
  await balancer.start();
}, 180_000);
afterAll(async () => {
  for (const errand of opened) await errand.close({ graceMs: 0 });
  await Promise.all([postgres.stop(), restate.stop(), balancer.stop()]);
});

async function open(database: string): Promise<Errand> {
  const port = await freePort();
  balancer.add(port);
  const { url, adminUrl } = restate;
  const errand = await createErrand({
    workflows: [greets],
    database,
    restate: { url, adminUrl, listen: { port }, advertise: balancer.url },
    models,
  });
  opened.push(errand);
  return errand;
}

it('opens the library in several processes on one database, each of which starts, answers and reads every run', async () => {
  const database = await postgres.createDatabase();
  const one = await open(database);
  const other = await open(database);
  for (const [here, there] of [[one, other] as const, [other, one] as const]) {
    const { id } = await here.runWorkflow('greets');
    await expect.poll(async () => (await there.getRun(id)).nodes[0]?.status).toBe('waiting');
    await there.answerRun(id, 'who', 'Ada');
    expect(await here.waitForRun(id)).toMatchObject({ status: 'completed', output: { hello: 'Ada' } });
  }
});

it('says what is missing', async () => {
  const database = 'postgresql://postgres@127.0.0.1:1/none';
  await expect(createErrand({ database })).rejects.toMatchObject({ code: 'invalid_input' });
  const nowhere = { url: 'nowhere', adminUrl: 'http://127.0.0.1:1', listen: { port: 0 } };
  await expect(createErrand({ database, restate: nowhere, models })).rejects.toThrow('"restate.url"');
});
