import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { startWebhookReceiver } from '../support/http/webhook-receiver.js';
import { ServerProcess } from '../support/server/server-process.js';

const STEPS = `
id: steps
name: Steps
description: Has two nodes.
input: { type: object, properties: { n: { type: integer } } }
nodes:
  - { id: first, kind: transform, with: '{{ input.n }}' }
  - { id: second, kind: transform, needs: [first], with: '{{ input.n }}' }
`;
/** With `ERRAND_TEST_DELIVERIES=1` more than 10,000 deliveries over 20 kills, which takes minutes; else some hundred. */
const IS_LONG = process.env['ERRAND_TEST_DELIVERIES'] === '1';
const KILLS = IS_LONG ? 20 : 4;
const BETWEEN_KILLS = IS_LONG ? 220 : 40;
const ACCEPTED_BEFORE_KILL = IS_LONG ? 170 : 10;
const EVENTS = ['node.completed', 'node.completed', 'run.completed'];

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

it(
  'a server that is killed again and again delivers every message at least once, those of a run in their order',
  { timeout: IS_LONG ? 1_200_000 : 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-webhook-crash-'));
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'steps.yaml'), STEPS);
    const receiver = await startWebhookReceiver();
    cleanUps.push(() => receiver.close());
    // One in three is not taken.
    receiver.answer = () => (receiver.received.length % 3 === 0 ? 500 : 204);
    const start = async (): Promise<ServerProcess> => {
      const env = { ERRAND_OUTBOUND_ALLOW: '127.0.0.1' };
      const server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder, env });
      cleanUps.push(() => server.end('SIGKILL'));
      return server;
    };
    let server = await start();
    const webhook = { url: `${receiver.url}/`, events: ['node.completed', 'run.completed'] };
    expect((await server.api('/webhooks', { method: 'POST', body: webhook })).status).toBe(201);
    const runIds = new Set<string>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      // A call that the kill cuts off says nothing.
      const starting = Array.from({ length: BETWEEN_KILLS }, async (_, n) => {
        const body = { workflow_id: 'steps', input: { n } };
        const started = await server.api('/runs', { method: 'POST', body }).catch(() => null);
        if (started?.status === 201) runIds.add(String(started.body['run_id']));
      });
      // In the midst of it: some are accepted, and few of their messages are delivered.
      const before = runIds.size;
      await vi.waitFor(() => expect(runIds.size).toBeGreaterThan(before + ACCEPTED_BEFORE_KILL), {
        timeout: 60_000,
        interval: 5,
      });
      await server.end('SIGKILL');
      await Promise.all(starting);
      server = await start();
    }
    receiver.answer = () => 204;

    /** The kinds of messages of each run that were taken, first times only, in the order in which they came. */
    const eventsOf = (): Map<string, string[]> => {
      const seen = new Set<string>();
      const found = new Map<string, string[]>();
      for (const { body, headers } of receiver.received) {
        const id = String(headers['webhook-id']);
        if (seen.has(id)) continue;
        seen.add(id);
        const { type, data } = JSON.parse(body) as { type: string; data: { run_id: string } };
        found.set(data.run_id, [...(found.get(data.run_id) ?? []), type]);
      }
      return found;
    };
    expect(runIds.size).toBeGreaterThan(KILLS * ACCEPTED_BEFORE_KILL);
    await vi.waitFor(
      async () => {
        const { body } = await server.api('/webhook-deliveries?state=pending');
        expect(body['deliveries']).toEqual([]);
        const events = eventsOf();
        for (const runId of runIds) expect(events.get(runId)).toEqual(EVENTS);
      },
      { timeout: IS_LONG ? 900_000 : 180_000, interval: 500 },
    );
    const { body } = await server.api('/webhook-deliveries?state=failed');
    expect(body['deliveries']).toEqual([]);
  },
);
