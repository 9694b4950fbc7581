import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiAuditEntry } from '../../src/api/audit-types.js';
import type { ApiCreditMovement } from '../../src/api/credit-types.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/http/webhook-receiver.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

let folder: string;
let server: ServerProcess;
let receiver: WebhookReceiver;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-top-ups-'));
  receiver = await startWebhookReceiver();
  const flow = 'id: dear\nname: Dear\ndescription: Costs 40.\ncredits: 40\nnodes: [{ id: a, kind: transform }]\n';
  writeFileSync(join(folder, 'dear.yaml'), flow);
  server = await ServerProcess.start({
    data: join(folder, 'data'),
    workflows: folder,
    env: { ERRAND_OUTBOUND_ALLOW: '127.0.0.1' },
  });
}, 30_000);
afterAll(async () => {
  await server.end('SIGKILL');
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const errand = (...args: string[]) => runCommand(args, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: KEY } });
const credits = async () => (await server.api('/credits')).body;

describe('the credits of an organization', () => {
  it('are topped up once for a key, pay for what is used beyond the month, and explain each movement', async () => {
    await server.api('/organizations/default/credits', { method: 'PUT', body: { monthly_credits: 50 } });
    const asked = ['orgs', 'top-up', 'default', '40', '--reason', 'Invoice 7', '--idempotency-key', 'invoice-7'];
    expect((await errand(...asked)).out).toMatch(/Available +90\n[\s\S]*Left of top-ups +40/);
    expect((await errand(...asked)).out).toMatch(/Available +90\n/);
    const other = { credits: 41, reason: 'Invoice 7', idempotency_key: 'invoice-7' };
    expect((await server.api('/organizations/default/top-ups', { method: 'POST', body: other })).status).toBe(409);
    for (let n = 0; n < 2; n += 1) await waitForEnd(server, await startRun(server, 'dear'));
    expect(await credits()).toMatchObject({
      available: 10,
      used_this_month: 80,
      monthly_limit: 50,
      topped_up: 10,
      paid_by_top_ups: 30,
    });
    const { body } = await server.api('/credits/movements');
    const rows = (body['movements'] as ApiCreditMovement[]).map((row) => [
      row.kind,
      row.reserved_delta,
      row.used_delta,
      row.topped_up_delta,
      row.reason,
      row.idempotency_key,
      row.run_id === null,
    ]);
    expect(rows.toReversed()).toEqual([
      ['top_up', 0, 0, 40, 'Invoice 7', 'invoice-7', true],
      ['reserve', 40, 0, 0, null, null, false],
      ['settle', -40, 40, 0, null, null, false],
      ['reserve', 40, 0, 0, null, null, false],
      ['settle', -40, 40, -30, null, null, false],
    ]);
    const { body: trail } = await server.api('/audit?limit=100');
    const entries = (trail['entries'] as ApiAuditEntry[]).filter(({ action }) => action === 'credits.top_up');
    expect(entries).toMatchObject([{ after: { credits: 40, reason: 'Invoice 7' } }]);
    expect((await errand('credits', '--movements')).out).toContain('top_up');
  });

  it.each([
    { credits: 0, reason: 'x' },
    { credits: 1.5, reason: 'x' },
    { credits: 5, reason: '' },
    { credits: 5, reason: ' ' },
    { credits: 5 },
  ])('are not topped up with %j', async (body) => {
    expect((await server.api('/organizations/default/top-ups', { method: 'POST', body })).status).toBe(400);
  });

  it('are topped up by operators alone', async () => {
    const { body } = await server.api('/keys', { method: 'POST', body: { name: 'k', scopes: ['manage'] } });
    const sent = { method: 'POST', body: { credits: 5, reason: 'x' }, key: String(body['key']) } as const;
    expect((await server.api('/organizations/default/top-ups', sent)).status).toBe(403);
  });

  it('are told of at 80 and 100 percent, in the commit of the run that comes there', async () => {
    await server.api('/organizations/default/credits', { method: 'PUT', body: { monthly_credits: 200 } });
    const webhook = { name: 'w', url: receiver.url, events: ['credits.low', 'credits.used_up'] };
    expect((await server.api('/webhooks', { method: 'POST', body: webhook })).status).toBe(201);
    const told = () => receiver.received.map(({ body }) => (JSON.parse(body) as { data: object }).data);
    // 80 of 240 are used by now.
    for (let n = 0; n < 4; n += 1) await waitForEnd(server, await startRun(server, 'dear'));
    await vi.waitFor(() => expect(told()).toHaveLength(2), { timeout: 10_000 });
    expect(told()).toEqual([
      expect.objectContaining({ percent: 80, used_this_month: 160, reserved: 40, available: 40 }),
      expect.objectContaining({ percent: 100, used_this_month: 200, reserved: 40, available: 0 }),
    ]);
  });
});
