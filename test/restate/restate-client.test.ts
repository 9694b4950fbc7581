import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../src/app/process/node-clock.js';
import { silentLogger as logger } from '../../src/core/ports/logger.js';
import { type Call, type CallServer, serveCalls } from '../../src/engine/restate/calls/call-server.js';
import { RestateClient } from '../../src/engine/restate/calls/restate-client.js';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
import { startTestRestate } from './test-restate.js';

let restate: RestateNode;
let server: CallServer | null = null;
beforeAll(async () => {
  restate = await startTestRestate();
}, 120_000);
afterAll(async () => {
  await server?.close();
  await restate.stop();
});

it('a call that has ended counts as one that Restate will not make again, though it remembers it for a while', async () => {
  const calls: Call[] = [];
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const onCall = async (call: Call): Promise<void> => {
    calls.push(call);
    await ended;
  };
  server = await serveCalls({
    host: '127.0.0.1',
    port: 0,
    service: 'ends',
    identityKeys: [],
    clock,
    logger,
    onCall,
  });
  const { url, adminUrl } = restate;
  const client = new RestateClient({ url, adminUrl, service: 'ends', clock, logger });
  await client.register(`http://127.0.0.1:${server.port}`);
  await client.call([{ runId: newId(), organizationId: newId(), epoch: null }]);
  await expect.poll(() => calls.length, { timeout: 30_000 }).toBe(1);
  const ids = calls.map(({ id }) => id);
  expect(await client.listUnknown([...ids, 'of another kind'])).toEqual([]);
  end();
  await expect.poll(() => client.listUnknown(ids), { timeout: 30_000 }).toEqual(ids);
});
