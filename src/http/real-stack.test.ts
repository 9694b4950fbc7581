import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callPublished, type Fields } from '../../test/support/contracts/call-published.js';
import type { ContractFile } from '../../test/support/contracts/contract-schemas.js';
import { bearer, post, toolCall } from '../../test/support/http/http-fixture.js';
import { assemble, type Assembly } from '../app/assembly/assemble.js';
import { createAuthenticator } from '../auth/authenticate.js';
import { createRateLimiter } from '../auth/limits/rate-limit.js';
import type { WorkflowDefinition } from '../core/workflow/definition.js';
import type { Principal, Scope } from '../core/tenant/principal.js';
import { createApp } from './create-app.js';
import { serve, type HttpServer } from './serve.js';

const GREETING: WorkflowDefinition = {
  id: 'greeting',
  name: 'Greeting',
  description: 'Greets somebody.',
  credits: 10,
  input: { type: 'object', required: ['who'], properties: { who: { type: 'string' } }, additionalProperties: false },
  output: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
  nodes: [
    { id: 'greet', kind: 'transform', role: 'greeter', label: 'Greeter', with: { text: 'Hello {{ input.who }}' } },
  ],
  result: '{{ nodes.greet.output }}',
};

const SUMS: WorkflowDefinition = {
  id: 'sums',
  name: 'Sums',
  description: 'Squares numbers.',
  nodes: [
    {
      id: 'each',
      kind: 'map',
      over: '{{ input.numbers }}',
      on_item_error: 'continue',
      do: { kind: 'transform', with: '{{ $power(item, 2) }}' },
    },
  ],
};

const ALL: readonly Scope[] = ['run', 'manage', 'operate'];

let folder: string;
let assembly: Assembly;
let server: HttpServer;
let operator: Principal;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-http-'));
  assembly = await assemble({ data: folder, monthlyCredits: 100_000, maxActiveRuns: 50 });
  const hashOf = (definition: WorkflowDefinition) =>
    createHash('sha256').update(JSON.stringify(definition)).digest('hex');
  const definitions = [GREETING, SUMS];
  await assembly.catalog.replaceAll(
    definitions.map((definition) => ({ definition, handlers: {}, hash: hashOf(definition) })),
  );
  await assembly.start();
  operator = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: ALL };
  const { services, store, clock, keys, logger, newId } = assembly;
  const reading = createRateLimiter({ clock, limit: 1_000_000, windowMs: 60_000 });
  const mutating = createRateLimiter({ clock, limit: 10, windowMs: 60_000 });
  const app = createApp({
    services,
    authenticate: createAuthenticator({ store, clock, keys }),
    limits: { mutating, reading },
    logger,
    clock,
    newId,
    host: '127.0.0.1',
    publicUrl: null,
    version: '0.0.0',
  });
  server = await serve({ app, host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close({ graceMs: 0 });
  await assembly.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

let organizations = 0;

/** A fresh organization's key. */
async function newKey(monthlyCredits = 1000): Promise<{ key: string; keyId: string; organization: string }> {
  const slug = `org-${++organizations}`;
  await assembly.services.createOrganization(operator, { slug, monthlyCredits });
  const { key, apiKey } = await assembly.services.createKey(operator, {
    name: 'k',
    scopes: ['run'],
    organization: slug,
  });
  return { key, keyId: apiKey.id, organization: slug };
}

const call = (contract: ContractFile, tool: string, args: object, key: string): Promise<Fields> =>
  callPublished({ url: server.url, key }, contract, tool, args);

describe('the whole stack, over HTTP', () => {
  it('runs a workflow through contract A and shows the same run through contract B', async () => {
    const { key } = await newKey();
    const args = { workflow_id: 'agent_greeting', input_data: { who: 'Ada' } };
    const { run_id } = await call('workflows', 'run_workflow', args, key);
    const status = () => call('workflows', 'get_run_status', { run_id }, key);
    await expect.poll(async () => (await status())['status']).toBe('completed');
    expect(await status()).toMatchObject({ output: { text: 'Hello Ada' } });
    const { runs } = (await call('mcp-app', 'list_workflow_runs', {}, key)) as { runs: Fields[] };
    expect(runs).toHaveLength(1);
    const { runId } = runs[0] ?? {};
    expect(String(runId).replaceAll('-', '')).toBe(String(run_id).replace('agent_', ''));
    expect(await call('mcp-app', 'get_run_status', { runId }, key)).toMatchObject({
      status: 'completed',
      creditsConsumed: 10,
      agents: [{ id: 'agent_001', role: 'greeter', progress: 100 }],
    });
    expect(await call('mcp-app', 'get_credits', {}, key)).toMatchObject({ available: 990, used_this_month: 10 });
    expect(await call('mcp-app', 'cancel_workflow_run', { runId }, key)).toMatchObject({ error: { code: 'conflict' } });
  });

  it('lists the items of a map with their outputs and errors, page by page', async () => {
    const { key } = await newKey();
    const numbers = Array.from({ length: 30 }, (_, index) => (index === 7 ? 'x' : index));
    const start = { workflow_id: 'sums', input: { numbers }, wait_seconds: 20 };
    const run = (await (await post(`${server.url}/api/v1/runs`, start, bearer(key))).json()) as Fields;
    expect(run).toMatchObject({ status: 'completed', nodes: [{ items: { total: 30, done: 29, failed: 1 } }] });
    const list = async (query: string, node = 'each'): Promise<{ items: Fields[]; next_after: number | null }> => {
      const url = `${server.url}/api/v1/runs/${String(run['run_id'])}/nodes/${node}/items${query}`;
      const response = await fetch(url, { headers: bearer(key) });
      return (await response.json()) as { items: Fields[]; next_after: number | null };
    };
    const first = await list('?limit=20');
    expect([first.items.length, (await list(`?after=${first.next_after}`)).items.length]).toEqual([20, 10]);
    const failed = await list('?status=failed');
    expect(failed).toMatchObject({
      items: [{ index: 7, attempt: 1, status: 'failed', error: { kind: 'invalid_expression' } }],
      next_after: null,
    });
    const squares = (await list('?status=completed')).items.map(({ index, output }) => [index, output]);
    expect(squares.toSorted(([a], [b]) => Number(a) - Number(b)).slice(5, 8)).toEqual([
      [5, 25],
      [6, 36],
      [8, 64],
    ]);
    expect(await list('', 'nobody')).toMatchObject({ error: { code: 'not_found' } });
  });

  it('leaves no trace of input that does not fit', async () => {
    const { key } = await newKey();
    const wrong = { workflow_id: 'greeting', input_data: { who: 5, more: 1 } };
    const error = await call('workflows', 'run_workflow', wrong, key);
    expect(error).toMatchObject({ error_type: 'invalid_input' });
    expect(error['message']).toMatch(/\/who/);
    expect(error['message']).toMatch(/more/);
    expect(await call('mcp-app', 'list_workflow_runs', {}, key)).toMatchObject({ total: 0 });
    expect(await call('mcp-app', 'get_credits', {}, key)).toMatchObject({ available: 1000, reserved: 0 });
  });

  it('tells nothing of another organization’s run', async () => {
    const [owner, other] = [await newKey(), await newKey()];
    const started = await call(
      'workflows',
      'run_workflow',
      { workflow_id: 'greeting', input_data: { who: 'x' } },
      owner.key,
    );
    const foreign = await call('workflows', 'get_run_status', { run_id: started['run_id'] }, other.key);
    expect(foreign).toMatchObject({ error_type: 'not_found' });
    const missing = await call('workflows', 'get_run_status', { run_id: `agent_run_${'0'.repeat(32)}` }, other.key);
    const blank = (text: unknown) => String(text).replace(/agent_run_[0-9a-f]{32}/, '…');
    expect(blank(foreign['message'])).toBe(blank(missing['message']));
  });

  it('starts ten of a thousand parallel runs when there are credits for ten', async () => {
    const { key } = await newKey(100);
    const start = (who: number) =>
      call('workflows', 'run_workflow', { workflow_id: 'greeting', input_data: { who: String(who) } }, key);
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => start(index)));
    expect(answers.filter((answer) => 'run_id' in answer)).toHaveLength(10);
    const refused = answers.filter((answer) => answer['error_type'] === 'insufficient_credits');
    expect(refused).toHaveLength(990);
    expect(await call('mcp-app', 'list_workflow_runs', {}, key)).toMatchObject({ total: 10 });
    await expect
      .poll(() => call('mcp-app', 'get_credits', {}, key))
      .toMatchObject({ available: 0, reserved: 0, used_this_month: 100 });
  });

  it('refuses a key from the moment it is revoked', async () => {
    const { key, keyId, organization } = await newKey();
    const list = () => post(`${server.url}/mcp/workflows`, toolCall('list_workflows'), bearer(key));
    expect((await list()).status).toBe(200);
    await assembly.services.revokeKey(operator, { keyId, organization });
    expect((await list()).status).toBe(401);
  });

  it('lets a key start ten runs a minute through contract B', async () => {
    const { key } = await newKey();
    const body = toolCall('run_workflow', {
      workflowId: 'greeting',
      configuration: { who: 'x', context: 'Be brief.' },
    });
    const answers = [];
    for (let index = 0; index < 11; index++) answers.push(await post(`${server.url}/api/mcp-app`, body, bearer(key)));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await call('mcp-app', 'list_workflow_runs', {}, key)).toMatchObject({ total: 10 });
  });

  it('starts, waits and streams through the REST API', async () => {
    const { key } = await newKey();
    const api = `${server.url}/api/v1`;
    const body = { workflow_id: 'greeting', input: { who: 'Bo' }, idempotency_key: 'once', wait_seconds: 20 };
    const first = await post(`${api}/runs`, body, bearer(key));
    const run = (await first.json()) as { run_id: string };
    expect([first.status, run]).toMatchObject([201, { status: 'completed', output: { text: 'Hello Bo' } }]);
    const again = await post(`${api}/runs`, body, bearer(key));
    expect([again.status, await again.json()]).toMatchObject([200, { run_id: run.run_id }]);
    const headers = { ...bearer(key), accept: 'text/event-stream' };
    const stream = await (await fetch(`${api}/runs/${run.run_id}/events`, { headers })).text();
    const kinds = [...stream.matchAll(/^event: (.+)$/gm)].map((match) => match[1]);
    expect(kinds).toEqual(['run.created', 'run.started', 'node.started', 'node.completed', 'run.completed']);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it('keeps what a key may do to its scopes', async () => {
    const { key } = await newKey();
    expect((await fetch(`${server.url}/api/v1/organizations`, { headers: bearer(key) })).status).toBe(403);
    expect((await fetch(`${server.url}/api/v1/keys`, { headers: bearer(key) })).status).toBe(403);
  });
});
