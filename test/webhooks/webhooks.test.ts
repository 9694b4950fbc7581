import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiDelivery, ApiNewWebhook } from '../../src/api/webhook-types.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/http/webhook-receiver.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';

const QUICK = `
id: quick
name: Quick
description: Ends at once.
nodes:
  - { id: say, kind: transform, with: 'said {{ input.of }}' }
`;

let folder: string;
let server: ServerProcess;
let receiver: WebhookReceiver;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-webhooks-'));
  writeFileSync(join(folder, 'quick.yaml'), QUICK);
  const env = { ERRAND_OUTBOUND_ALLOW: '127.0.0.1' };
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder, env });
  receiver = await startWebhookReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = () => 204;
});
afterAll(async () => {
  await server.end('SIGKILL');
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = (method: string, path: string, body?: unknown, key = KEY) =>
  server.api(path, { method, key, ...(body === undefined ? {} : { body }) });

async function make(values: object = {}): Promise<ApiNewWebhook> {
  const { status, body } = await call('POST', '/webhooks', { url: `${receiver.url}/rest`, ...values });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as unknown as ApiNewWebhook;
}

const start = (more: object = {}) => call('POST', '/runs', { workflow_id: 'quick', input: { of: 'it' }, ...more });

async function untilDelivered(webhookId: string): Promise<ApiDelivery> {
  return vi.waitFor(
    async () => {
      const { body } = await call('GET', `/webhook-deliveries?webhook_id=${webhookId}`);
      const [delivery] = body['deliveries'] as ApiDelivery[];
      expect(delivery?.state).toBe('delivered');
      return delivery!;
    },
    { timeout: 10_000, interval: 50 },
  );
}

async function untilReceived(count: number): Promise<void> {
  await vi.waitFor(() => expect(receiver.received).toHaveLength(count), { timeout: 10_000, interval: 50 });
}

describe('webhooks over REST', () => {
  it('are made with defaults, shown without their secret, changed and deleted', async () => {
    const { secret, ...made } = await make();
    expect(secret).toMatch(/^whsec_/);
    expect(made).toMatchObject({ name: new URL(receiver.url).host, workflow_id: null, enabled: true });
    expect(made.events).toContain('run.completed');
    expect(made.events).not.toContain('node.completed');
    const shown = await call('GET', `/webhooks/${made.id}`);
    expect(shown.body).toEqual(made);
    expect((await call('GET', '/webhooks')).body['webhooks']).toContainEqual(made);
    const changed = await call('PATCH', `/webhooks/${made.id}`, { enabled: false, workflow_id: 'quick' });
    expect(changed.body).toMatchObject({ enabled: false, workflow_id: 'quick' });
    expect((await call('DELETE', `/webhooks/${made.id}`)).status).toBe(204);
    expect((await call('GET', `/webhooks/${made.id}`)).status).toBe(404);
  });

  it('tell of runs, keep what was delivered, and deliver it again', async () => {
    const { id, secret } = await make();
    const { body } = await start();
    const { id: deliveryId } = await untilDelivered(id);
    const kept = await call('GET', `/webhook-deliveries/${deliveryId}`);
    expect(kept.body).toMatchObject({ run_id: body['run_id'], event: 'run.completed', attempt_count: 1 });
    expect(kept.body['payload']).toBe(receiver.received[0]?.body);
    const [got] = receiver.received;
    expect(new Verifier(secret).verify(got!.body, got!.headers as Record<string, string>)).toMatchObject({
      data: { output: 'said it' },
    });
    expect((await call('POST', `/webhook-deliveries/${deliveryId}/replay`, {})).status).toBe(202);
    await untilReceived(2);
    await untilDelivered(id);
    const again = await call('POST', `/webhooks/${id}/replay`, { state: 'delivered' });
    expect(again).toMatchObject({ status: 202, body: { replayed: 1 } });
    await untilReceived(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await call('DELETE', `/webhooks/${id}`);
  });

  it.each([
    [{ url: 'ftp://example.com' }, '/url'],
    [{ url: 'https://a:b@example.com' }, '/url'],
    [{ events: [] }, '/events'],
    [{ events: ['run.exploded'] }, '/events/0'],
    [{ name: '  ' }, '/name'],
    [{ secret: 'mine' }, ''],
  ])('with %j are refused with the place of the fault', async (fault, path) => {
    const { status, body } = await call('POST', '/webhooks', { url: receiver.url, ...fault });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(path);
  });

  it('are made once for an idempotency key, and show the same secret', async () => {
    const post = async () => {
      const response = await fetch(`${server.url}/api/v1/webhooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'idempotency-key': 'w1' },
        body: JSON.stringify({ url: receiver.url }),
      });
      return { status: response.status, body: (await response.json()) as ApiNewWebhook };
    };
    const [first, again] = [await post(), await post()];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    await call('DELETE', `/webhooks/${first.body.id}`);
  });

  it('are for keys that manage, and unknown to other organizations', async () => {
    const { id } = await make();
    const newKey = async (scopes: string[], organization?: string) => {
      const { body } = await call('POST', '/keys', { name: 'k', scopes, ...(organization ? { organization } : {}) });
      return body['key'] as string;
    };
    const runner = await newKey(['run']);
    for (const [method, path] of [
      ['GET', '/webhooks'],
      ['GET', `/webhooks/${id}`],
      ['GET', '/webhook-deliveries'],
      ['GET', '/webhooks/callback-secret'],
    ] as const)
      expect((await call(method, path, undefined, runner)).status).toBe(403);
    await call('POST', '/organizations', { slug: 'others', monthly_credits: 10 });
    const stranger = await newKey(['manage'], 'others');
    for (const [method, path, body] of [
      ['GET', `/webhooks/${id}`, undefined],
      ['PATCH', `/webhooks/${id}`, { enabled: false }],
      ['POST', `/webhooks/${id}/rotate`, {}],
      ['POST', `/webhooks/${id}/test`, {}],
      ['POST', `/webhooks/${id}/replay`, {}],
      ['DELETE', `/webhooks/${id}`, undefined],
    ] as const)
      expect((await call(method, path, body, stranger)).status).toBe(404);
    expect((await call('GET', '/webhook-deliveries', undefined, stranger)).body).toEqual({ deliveries: [] });
    await call('DELETE', `/webhooks/${id}`);
  });
});

describe('a callback', () => {
  it('is told of its run, by REST and MCP, and makes another call of an idempotency key', async () => {
    const callback = { url: `${receiver.url}/one`, events: ['run.completed'] };
    expect((await start({ callback, idempotency_key: 'c1' })).status).toBe(201);
    expect((await start({ callback, idempotency_key: 'c1' })).status).toBe(200);
    expect((await start({ idempotency_key: 'c1' })).status).toBe(409);
    const client = new Client({ name: 'test', version: '1' });
    const headers = { authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    const args = { workflow_id: 'quick', input: { of: 'that' }, callback: `${receiver.url}/two` };
    await client.callTool({ name: 'run_workflow', arguments: args });
    await client.close();
    await untilReceived(2);
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual(['/one', '/two']);
    const { body } = await call('GET', '/webhooks/callback-secret');
    const rotated = await call('POST', '/webhooks/callback-secret/rotate', { keep_old_for_seconds: 60 });
    expect(rotated.body['secrets']).toHaveLength(2);
    for (const { body: text, headers: got } of receiver.received)
      expect(new Verifier(String(body['secret'])).verify(text, got as Record<string, string>)).toBeTruthy();
  });

  it.each(['nowhere', 'ftp://example.com', { events: ['run.failed'] }, { url: 'https://x.example', events: [] }])(
    '%j is refused',
    async (callback) => {
      expect((await start({ callback })).status).toBe(400);
    },
  );
});

describe('errand webhooks', () => {
  const errand = (...argv: string[]) => runCommand(argv, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: KEY } });

  it('makes, lists, tests, replays, rotates, disables and deletes', async () => {
    const made = await errand(
      'webhooks',
      'create',
      `${receiver.url}/cli`,
      '--events',
      'run.completed',
      '--name',
      'cli',
    );
    expect(made.code).toBe(0);
    expect(made.out).toMatch(/^whsec_\S+\n$/);
    const id = /webhook (\S+)\./.exec(made.err)?.[1] ?? '';
    expect((await errand('webhooks')).out).toContain(`${receiver.url}/cli`);
    expect((await errand('webhooks', 'test', id)).code).toBe(0);
    const { id: deliveryId } = await untilDelivered(id);
    expect((await errand('webhooks', 'deliveries', '--state', 'delivered')).out).toContain(deliveryId);
    expect((await errand('webhooks', 'replay', deliveryId)).out).toContain('tried again');
    await untilReceived(2);
    expect((await errand('webhooks', 'replay', '--webhook', id)).out).toBe('0 deliveries are tried again.\n');
    expect((await errand('webhooks', 'rotate', id, '--keep-old', '0')).out).toMatch(/^whsec_/);
    expect((await errand('webhooks', 'disable', id)).out).toContain('is disabled');
    expect((await errand('webhooks', 'enable', id)).out).toContain('is enabled');
    expect((await errand('webhooks', 'delete', id)).code).toBe(0);
    const ran = await errand('run', 'quick', '--input', '{"of":"x"}', '--callback', `${receiver.url}/run`);
    expect(ran.code).toBe(0);
    await vi.waitFor(() => expect(receiver.received.at(-1)?.path).toBe('/run'), { timeout: 10_000 });
  });

  it.each([
    [['create', 'nowhere'], 'http or https'],
    [['create', 'https://example.com', '--events', 'run.exploded'], 'there is no event'],
    [['rotate', 'x', '--keep-old', 'long'], 'no number'],
    [['replay'], 'Name a delivery'],
    [['delete', 'nothing'], 'no webhook'],
  ])('%j says what is wrong', async (argv, message) => {
    const { code, err } = await errand('webhooks', ...argv);
    expect(code).not.toBe(0);
    expect(err).toContain(message);
  });
});

describe('docs/webhooks.md', () => {
  const page = readFileSync(join(repository, 'docs', 'webhooks.md'), 'utf8');

  it('shows a webhook that is taken as it stands', async () => {
    const shown = /-d '(\{[\s\S]+?\})'/.exec(page)?.[1] ?? '';
    const { status, body } = await call('POST', '/webhooks', JSON.parse(shown));
    expect({ status, body }).toMatchObject({ status: 201 });
    await call('DELETE', `/webhooks/${String(body['id'])}`);
  });

  it('shows a receiver that takes what is sent', { timeout: 30_000 }, async () => {
    const code = /```js\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
    const file = join(repository, 'node_modules', '.cache', 'webhook-docs.mjs');
    const port = await freePort();
    const { id, secret } = await make({ url: `http://127.0.0.1:${port}/` });
    const child = await startReceiver(code, file, { PORT: String(port), ERRAND_WEBHOOK_SECRET: secret });
    try {
      await start();
      expect(await untilDelivered(id)).toMatchObject({ attempts: expect.arrayContaining([]) as unknown });
      const { attempts } = await untilDelivered(id);
      expect(attempts.at(-1)?.status).toBe(204);
    } finally {
      child.kill('SIGKILL');
      rmSync(file, { force: true });
      await call('DELETE', `/webhooks/${id}`);
    }
  });
});

async function freePort(): Promise<number> {
  const other = await startWebhookReceiver();
  await other.close();
  return Number(new URL(other.url).port);
}

async function startReceiver(code: string, file: string, env: Record<string, string>): Promise<ChildProcess> {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env }, stdio: 'ignore' });
  await vi.waitFor(() => fetch(`http://127.0.0.1:${env['PORT']}/`, { method: 'POST' }), { timeout: 10_000 });
  return child;
}
