import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import type { ApiNewHook } from '../../src/api/hook-types.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';

const PAGE = readFileSync(join(repository, 'docs/events.md'), 'utf8');
const EXAMPLE = /\n```yaml\n([^]*?)\n```\n/.exec(PAGE)?.[1] ?? '';
const LOOKING = `
id: looking
name: Looking
description: Waits for what comes from now on.
nodes:
  - { id: paid, kind: event, name: order.paid, match: '{{ input.order }}', look_back: '{{ input.back }}', deadline: '{{ input.for }}' }
`;
const TELLING = `
id: telling
name: Telling
description: Tells each of many.
nodes:
  - id: each
    kind: map
    over: '{{ input.orders }}'
    do: { kind: emit, name: order.paid, key: '{{ item }}', with: { total: '{{ item }}' } }
`;

let folder: string;
let server: ServerProcess;

const startServer = () => ServerProcess.start({ data: join(folder, 'data'), workflows: folder, env: {} });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-events-'));
  writeFileSync(join(folder, 'fulfil.yaml'), EXAMPLE);
  writeFileSync(join(folder, 'looking.yaml'), LOOKING);
  writeFileSync(join(folder, 'telling.yaml'), TELLING);
  server = await startServer();
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const call = (method: string, path: string, body?: unknown, key = KEY) =>
  server.api(path, { method, key, ...(body === undefined ? {} : { body }) });

async function begin(workflow: string, input: object): Promise<string> {
  const { status, body } = await call('POST', '/runs', { workflow_id: workflow, input });
  expect({ status, body }).toMatchObject({ status: 201 });
  return String(body['run_id']);
}

/** Resolves once it waits for its event. */
async function start(workflow: string, input: object): Promise<string> {
  const id = await begin(workflow, input);
  await vi.waitFor(async () => expect((await show(id)).nodes[0]?.waiting_for).toBe('event'), { timeout: 30_000 });
  return id;
}

const show = async (id: string): Promise<ApiRun> => (await call('GET', `/runs/${id}`)).body as unknown as ApiRun;
const ended = async (id: string): Promise<ApiRun> =>
  vi.waitFor(
    async () => {
      const { body } = await call('GET', `/runs/${id}?wait_seconds=10`);
      expect(body).toMatchObject({ terminal: true });
      return body as unknown as ApiRun;
    },
    { timeout: 60_000 },
  );
const send = (key: string, data: unknown) => call('POST', '/events', { name: 'order.paid', key, data });

describe('an event', () => {
  it('that is sent lets each run go on that waits for it', async () => {
    const runs = [await start('fulfil', { order: 'a' }), await start('fulfil', { order: 'a' })];
    const other = await start('fulfil', { order: 'b' });
    expect((await show(runs[0]!)).nodes[0]?.event).toEqual({ name: 'order.paid', key: 'a' });
    const { status, body } = await send('a', { total: 12.5 });
    expect({ status, body }).toMatchObject({ status: 201, body: { waiting: 2, key: 'a' } });
    for (const id of runs) expect(await ended(id)).toMatchObject({ output: 'shipped a for 12.5' });
    expect((await show(other)).terminal).toBe(false);
    await call('POST', `/runs/${other}/cancel`, {});
  });

  it('that came before is taken by who comes to wait, unless that looks back less far', async () => {
    await send('early', { total: 1 });
    expect(await ended(await begin('fulfil', { order: 'early' }))).toMatchObject({
      output: 'shipped early for 1',
    });
    const id = await start('looking', { order: 'early', back: 0, for: '5m' });
    await send('early', { total: 2 });
    expect(await ended(id)).toMatchObject({ output: { total: 2 } });
  });

  it('that does not come has the node fail at its deadline', async () => {
    const id = await begin('looking', { order: 'never', back: 0, for: 10 });
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
  });

  it('is sent once for an idempotency key', async () => {
    const post = async () => {
      const response = await fetch(`${server.url}/api/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'idempotency-key': 'once' },
        body: '{"name":"order.paid","key":"once"}',
      });
      return { status: response.status, body: (await response.json()) as { id: string } };
    };
    const [first, second] = [await post(), await post()];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
  });

  it.each([
    [{ name: '' }, '/name'],
    [{ name: 'x'.repeat(201) }, '/name'],
    [{ name: 'a', key: 'x'.repeat(501) }, '/key'],
    [{ name: 'a', keep_for_seconds: 8 * 86_400 }, '/keep_for_seconds'],
    [{ name: 'a', data: 'x'.repeat(262_144) }, '/data'],
    [{ name: 'a', other: 1 }, 'other'],
  ])('with a fault is refused with its place', async (body, path) => {
    const answer = await call('POST', '/events', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(path);
  });

  it('is listed and shown to a key with the scope manage, and to no other', async () => {
    const sent = await send('listed', { total: 1 });
    const paths = ['/events', '/events?name=order.paid', `/events/${String(sent.body['id'])}`];
    for (const [scopes, status] of [
      [['read', 'run', 'approve', 'workflows:write', 'operate'], 403],
      [['manage'], 200],
    ] as const) {
      const { body } = await call('POST', '/keys', { name: 'x', scopes });
      for (const path of paths) {
        const answer = await call('GET', path, undefined, String(body['key']));
        expect([scopes, path, answer.status]).toEqual([scopes, path, status]);
        expect(JSON.stringify(answer.body).includes(String(sent.body['id']))).toBe(status === 200);
      }
    }
  });

  it('reaches runs of its organization alone, and needs the scope run', async () => {
    const id = await start('fulfil', { order: 'ours' });
    await call('POST', '/organizations', { slug: 'others', monthly_credits: 100 });
    const { body } = await call('POST', '/keys', { name: 'x', scopes: ['run'], organization: 'others' });
    const theirs = await call('POST', '/events', { name: 'order.paid', key: 'ours' }, String(body['key']));
    expect(theirs).toMatchObject({ status: 201, body: { waiting: 0 } });
    const { body: reader } = await call('POST', '/keys', { name: 'y', scopes: ['read'] });
    const refused = await call('POST', '/events', { name: 'order.paid', key: 'ours' }, String(reader['key']));
    expect(refused.status).toBe(403);
    await send('ours', { total: 1 });
    expect(await ended(id)).toMatchObject({ output: 'shipped ours for 1' });
  });
});

describe('events come', () => {
  it('from other runs, from each item of a map once', async () => {
    const runs = [await start('fulfil', { order: '1' }), await start('fulfil', { order: '2' })];
    expect(await ended(await begin('telling', { orders: [1, 2] }))).toMatchObject({ status: 'completed' });
    for (const [index, id] of runs.entries())
      expect(await ended(id)).toMatchObject({ output: `shipped ${index + 1} for ${index + 1}` });
  });

  it('from hooks, a delivery once', async () => {
    const id = await start('fulfil', { order: 'h1' });
    const event = { name: 'order.paid', key: '{{ body.order }}' };
    const { body } = await call('POST', '/hooks', { event, delivery_id: '{{ body.id }}' });
    const hook = body as unknown as ApiNewHook;
    expect(hook).toMatchObject({ name: 'order.paid', workflow_id: null, event });
    const deliver = async () => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(hook.url, { method: 'POST', headers, body: '{"id":1,"order":"h1","total":4}' });
      return (await response.json()) as { readonly event_id: string };
    };
    const [first, again] = [await deliver(), await deliver()];
    expect(first).toMatchObject({ repeated: false });
    expect(again).toMatchObject({ repeated: true, event_id: first.event_id });
    expect(await ended(id)).toMatchObject({ output: 'shipped h1 for 4' });
    const { body: listed } = await call('GET', '/events?name=order.paid&limit=1');
    expect(listed).toMatchObject({ events: [{ id: first.event_id, key: 'h1', taken: 1 }] });
    expect(await call('POST', '/hooks', {})).toMatchObject({ status: 400 });
  });

  it('from the command line and from assistants', async () => {
    const runs = [await start('fulfil', { order: 'cli' }), await start('fulfil', { order: 'mcp' })];
    const env = { ERRAND_URL: server.url, ERRAND_API_KEY: KEY };
    const sent = await runCommand(['send', 'order.paid', '--key', 'cli', '--data', '{"total":5}'], { env });
    expect(sent.out).toContain('1 run waited for it');
    const client = new Client({ name: 'test', version: '1' });
    const headers = { authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    const args = { name: 'order.paid', key: 'mcp', data: { total: 6 } };
    const { structuredContent } = await client.callTool({ name: 'send_event', arguments: args });
    expect(structuredContent).toMatchObject({ waiting: 1, created: true });
    await client.close();
    expect(await ended(runs[0]!)).toMatchObject({ output: 'shipped cli for 5' });
    expect(await ended(runs[1]!)).toMatchObject({ output: 'shipped mcp for 6' });
  });
});

it('a server that is killed takes up its waits and its events again, each run once', async () => {
  const before = await start('fulfil', { order: 'k1' });
  await server.end('SIGKILL');
  server = await startServer();
  await send('k1', { total: 1 });
  await send('k2', { total: 2 });
  await server.end('SIGKILL');
  server = await startServer();
  expect(await ended(before)).toMatchObject({ output: 'shipped k1 for 1' });
  expect(await ended(await begin('fulfil', { order: 'k2' }))).toMatchObject({ output: 'shipped k2 for 2' });
  const { body } = await call('GET', `/runs/${before}/events?limit=100`);
  const taken = (body['events'] as { data: { by?: string } }[]).filter(({ data }) => data.by === 'event');
  expect(taken).toHaveLength(1);
});
