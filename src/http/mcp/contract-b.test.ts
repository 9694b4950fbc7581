import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf, outputFaults, publishedContract } from '../../../test/contract-schemas.js';
import {
  bearer,
  KEY_A,
  KEY_B,
  limitOf,
  post,
  startFixture,
  toolCall,
  type Fixture,
} from '../../../test/http-fixture.js';
import { SAMPLE_RUNS, sampleRun, sampleWorkflow } from '../../../test/sample-records.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { createRateLimiter } from '../../auth/rate-limit.js';
import { ErrandError } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json.js';

const WORKFLOWS = [
  sampleWorkflow(),
  sampleWorkflow({
    id: 'with_context',
    input: { type: 'object', properties: { context: { type: 'string' } } },
    credits: 0,
  }),
];

let fixture: Fixture;
let url: string;

beforeAll(async () => {
  fixture = await startFixture({ workflows: WORKFLOWS });
  url = `${fixture.url}/api/mcp-app`;
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.services.runs.clear();
  fixture.services.dispatchFault = null;
  fixture.services.monthlyLimit = 100;
});

interface ToolAnswer {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly isError?: boolean;
}

type Fields = Record<string, unknown>;

async function call(name: string, args: object, key = KEY_A): Promise<Fields> {
  const response = await post(url, toolCall(name, args), bearer(key));
  expect(response.status).toBe(200);
  const { result } = (await response.json()) as { result: ToolAnswer };
  expect(result).not.toHaveProperty('isError');
  expect(result.content).toHaveLength(1);
  return JSON.parse(result.content[0]?.text ?? '') as Fields;
}

async function succeed(name: string, args: object = {}, key = KEY_A): Promise<Fields> {
  const value = await call(name, args, key);
  expect(outputFaults('mcp-app', name, value)).toEqual([]);
  return value;
}

interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data: Fields;
}

/** A failed tool is an error of JSON-RPC with HTTP 200; `data.code` tells which. */
async function fail(name: string, args: object, key = KEY_A): Promise<{ code: unknown; message: string }> {
  const response = await post(url, toolCall(name, args, 'f'), bearer(key));
  expect(response.status).toBe(200);
  const answer = (await response.json()) as { id: unknown; error: RpcFailure };
  expect(Object.keys(answer).toSorted()).toEqual(['error', 'id', 'jsonrpc']);
  expect([answer.id, answer.error.code]).toEqual(['f', -32000]);
  expect(Object.keys(answer.error)).toEqual(['code', 'message', 'data']);
  return { code: answer.error.data['code'], message: answer.error.message };
}

const CHECKUP = { workflowId: 'site_checkup', configuration: { url: 'https://example.org' } };

describe('contract B, to the official clients', () => {
  const TOOLS = Object.keys(publishedContract('mcp-app').tools);

  async function driveEveryTool(client: Pick<Client1, 'listTools' | 'callTool'>): Promise<string[]> {
    const called = new Set<string>();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(TOOLS);
    const callTool = async (name: string, args: Fields): Promise<Fields> => {
      called.add(name);
      const { content } = (await client.callTool({ name, arguments: args })) as ToolAnswer;
      const value = JSON.parse(content[0]?.text ?? '') as Fields;
      expect(outputFaults('mcp-app', name, value)).toEqual([]);
      return value;
    };
    await callTool('list_workflows', {});
    const { runId } = await callTool('run_workflow', CHECKUP);
    await callTool('get_run_status', { runId });
    await callTool('list_workflow_runs', { status: 'pending' });
    await callTool('cancel_workflow_run', { runId });
    await callTool('get_credits', {});
    return [...called];
  }

  it('serves client 1.x', async () => {
    const client = new Client1({ name: 'test', version: '1' });
    const transport = new Transport1(new URL(url), { requestInit: { headers: bearer(KEY_A) } });
    await client.connect(transport);
    expect(await driveEveryTool(client)).toEqual(TOOLS);
    await client.ping();
    await client.close();
  });

  it.each(['legacy', 'auto'] as const)('serves client 2.x that negotiates in mode %s', async (mode) => {
    const client = new Client2({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new Transport2(new URL(url), { requestInit: { headers: bearer(KEY_A) } }));
    expect(await driveEveryTool(client as unknown as Client1)).toEqual(TOOLS);
    await client.close();
  });
});

describe('contract B, without a key', () => {
  it('answers initialize with the revision asked for when it is known, else with the newest', async () => {
    const revisions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '1999-01-01', undefined];
    const answered = [];
    for (const protocolVersion of revisions) {
      const response = await post(
        url,
        { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion } },
        {},
      );
      const { result } = (await response.json()) as { result: { protocolVersion: string } };
      answered.push(result.protocolVersion);
    }
    expect(answered).toEqual(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2025-11-25', '2025-11-25']);
  });

  it('answers notifications/initialized with 204 and no body', async () => {
    const response = await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, {});
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it('answers ping with an empty result', async () => {
    const response = await post(url, { jsonrpc: '2.0', id: 'p', method: 'ping' }, {});
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  });

  it('lists the tools', async () => {
    const response = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, {});
    expect(await response.json()).toMatchObject({
      result: { tools: [{ name: 'list_workflows' }, {}, {}, {}, {}, {}] },
    });
  });

  it.each([{}, { authorization: 'Bearer nope' }])('refuses tools/call with the headers %j', async (headers) => {
    const response = await post(url, toolCall('list_workflows'), headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(
      `resource_metadata="${fixture.url}/.well-known/oauth-protected-resource/api/mcp-app"`,
    );
    const challenge = response.headers.get('www-authenticate');
    expect(await response.json()).toMatchObject({
      id: 1,
      error: { code: -32001, data: { code: 'unauthenticated', _meta: { 'mcp/www_authenticate': [challenge] } } },
    });
  });

  it('shows every tool’s schema under both names to GET', async () => {
    const response = await fetch(url);
    const { tools } = (await response.json()) as { tools: Record<string, unknown>[] };
    const published = publishedContract('mcp-app').tools;
    expect(tools.map((tool) => tool['name'])).toEqual(Object.keys(published));
    for (const tool of tools) {
      expect(tool['inputSchema']).toEqual(published[String(tool['name'])]?.input);
      expect(tool['input_schema']).toEqual(tool['inputSchema']);
    }
  });

  it('refuses GET from a client that wants a stream', async () => {
    for (const accept of [
      'text/event-stream',
      'application/json, text/event-stream',
      '*/*;q=0.1, Text/Event-Stream;q=1',
    ]) {
      const refused = await fetch(url, { headers: { accept } });
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    }
    expect((await fetch(url, { headers: { accept: 'application/json' } })).status).toBe(200);
    expect((await fetch(url, { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
  });

  it('says at /mcp.json where it is and how to authenticate', async () => {
    expect(await (await fetch(`${fixture.url}/mcp.json`)).json()).toMatchObject({
      url,
      authentication: { type: 'bearer', header: 'Authorization' },
    });
  });
});

describe('contract B, runs', () => {
  const lastKept = () => [...fixture.services.runs.values()].at(-1);

  it('starts one, reserving its credits', async () => {
    expect(await succeed('run_workflow', CHECKUP)).toMatchObject({
      workflowId: 'site_checkup',
      workflowName: 'Site Checkup',
      status: 'pending',
      creditsReserved: 25,
      estimatedDuration: '10-30 s',
    });
    expect(await succeed('get_credits')).toMatchObject({ available: 75, reserved: 25 });
  });

  it('gives a context that the schema does not name to the agents', async () => {
    await succeed('run_workflow', { ...CHECKUP, configuration: { ...CHECKUP.configuration, context: 'Be brief.' } });
    expect(lastKept()).toMatchObject({ input: CHECKUP.configuration, instruction: 'Be brief.' });
  });

  it('leaves a context that the schema names where it is', async () => {
    await succeed('run_workflow', { workflowId: 'with_context', configuration: { context: 'Mine.' } });
    expect(lastKept()).toMatchObject({ input: { context: 'Mine.' }, instruction: null });
  });

  it('refuses a context that is no text', async () => {
    const error = await fail('run_workflow', {
      ...CHECKUP,
      configuration: { ...CHECKUP.configuration, context: { a: 1 } },
    });
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain('/configuration/context');
    expect(fixture.services.runs.size).toBe(0);
  });

  it('ignores companyId, whatever it is', async () => {
    await succeed('run_workflow', { ...CHECKUP, companyId: 'org-b' });
    expect(lastKept()?.run.organizationId).toBe('org-a');
    await succeed('list_workflow_runs', { companyId: 5 });
    await succeed('get_credits', { companyId: null });
  });

  it('refuses input that does not fit, naming each path, and leaves no run', async () => {
    const error = await fail('run_workflow', { workflowId: 'site_checkup', configuration: { url: 5 } });
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain('/url');
    expect(fixture.services.runs.size).toBe(0);
  });

  it.each([
    ['run_workflow', {}, '/workflowId'],
    ['run_workflow', { workflowId: 5 }, '/workflowId'],
    ['run_workflow', { workflowId: 'site_checkup', configuration: 'x' }, '/configuration'],
    ['get_run_status', {}, '/runId'],
    ['cancel_workflow_run', { runId: [] }, '/runId'],
    ['list_workflow_runs', { limit: 0 }, '/limit'],
    ['list_workflow_runs', { limit: 101 }, '/limit'],
    ['list_workflow_runs', { offset: -1 }, '/offset'],
    ['list_workflow_runs', { status: 'done' }, '/status'],
  ])('refuses wrong arguments of %s: %j', async (tool, args, path) => {
    const error = await fail(tool, args);
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain(path);
  });

  it('says when the credits do not suffice', async () => {
    fixture.services.monthlyLimit = 24;
    expect((await fail('run_workflow', CHECKUP)).code).toBe('insufficient_credits');
    expect(fixture.services.runs.size).toBe(0);
  });

  it('says when a run cannot be dispatched', async () => {
    fixture.services.dispatchFault = new ErrandError('unavailable', 'Shutting down.');
    expect(await fail('run_workflow', CHECKUP)).toEqual({ code: 'unavailable', message: 'Shutting down.' });
  });

  it.each(Object.keys(SAMPLE_RUNS))('shows a run that is %s', async (name) => {
    const run = fixture.services.put(SAMPLE_RUNS[name as keyof typeof SAMPLE_RUNS]);
    expect(await succeed('get_run_status', { runId: `run_${run.id}` })).toMatchObject({ status: run.status });
  });

  it.each(['get_run_status', 'cancel_workflow_run'])(
    'answers %s the same for a run that is not there, one of another company and a wrong form',
    async (tool) => {
      const runId = `run_${fixture.services.put(SAMPLE_RUNS.running).id}`;
      const foreign = await fail(tool, { runId }, KEY_B);
      fixture.services.runs.clear();
      expect(await fail(tool, { runId }, KEY_B)).toEqual(foreign);
      expect(foreign.code).toBe('not_found');
      expect((await fail(tool, { runId: SAMPLE_RUNS.running.id })).code).toBe('not_found');
    },
  );

  it('cancels a run that has not ended and no other', async () => {
    const runId = `run_${fixture.services.put(SAMPLE_RUNS.running).id}`;
    expect(await succeed('cancel_workflow_run', { runId })).toMatchObject({ runId, status: 'cancelled' });
    expect((await fail('cancel_workflow_run', { runId })).code).toBe('conflict');
    expect(await succeed('get_run_status', { runId })).toMatchObject({ status: 'cancelled' });
  });

  it('lists runs newest first, filtered and paged', async () => {
    for (let index = 0; index < 25; index++) {
      const id = `0193512f-4d2b-7c3a-9f00-0000000000${String(index).padStart(2, '0')}`;
      fixture.services.put(sampleRun({ id, status: index % 5 === 0 ? 'running' : 'pending' }));
    }
    const all = await succeed('list_workflow_runs');
    expect(all).toMatchObject({ total: 25, limit: 20, offset: 0 });
    expect((all['runs'] as Fields[])[0]).toMatchObject({ runId: 'run_0193512f-4d2b-7c3a-9f00-000000000024' });
    expect(all['runs']).toHaveLength(20);
    const page = await succeed('list_workflow_runs', { status: 'running', limit: 2, offset: 4 });
    expect(page).toMatchObject({ total: 5, limit: 2, offset: 4, runs: [{ status: 'running' }] });
    expect(await succeed('list_workflow_runs', { workflowId: 'nope' })).toMatchObject({ runs: [], total: 0 });
    expect(await succeed('list_workflow_runs', {}, KEY_B)).toMatchObject({ runs: [], total: 0 });
  });
});

describe('contract B, errors of the protocol', () => {
  it.each([
    ['no JSON', '{', 400, -32700],
    ['no jsonrpc', { id: 1, method: 'ping' }, 400, -32600],
    ['no method', { jsonrpc: '2.0', id: 1 }, 400, -32600],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'nope' }, 200, -32601],
    ['no params', { jsonrpc: '2.0', id: 1, method: 'tools/call' }, 200, -32602],
    ['no name', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { arguments: {} } }, 200, -32602],
  ])('answers %s by its code, with data that is an object', async (_, body, status, code) => {
    const response = await post(url, body);
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: RpcFailure };
    expect(error.code).toBe(code);
    expect(error.data).toBeTypeOf('object');
  });
});

describe('contract B, resources and openapi.json', () => {
  it('lists and reads its guide without a key', async () => {
    const ask = async (method: string, params: object = {}): Promise<Fields> => {
      const response = await post(url, { jsonrpc: '2.0', id: 1, method, params }, {});
      expect(response.status).toBe(200);
      return (await response.json()) as Fields;
    };
    const listed = await ask('resources/list');
    const { resources } = listed['result'] as { resources: { uri: string; mimeType: string; text?: string }[] };
    expect(resources.map(({ uri, mimeType, text }) => [uri, mimeType, text])).toEqual([
      ['errand://mcp-app/guide', 'text/markdown', undefined],
    ]);
    const read = await ask('resources/read', { uri: resources[0]?.uri });
    const { contents } = read['result'] as { contents: { text: string }[] };
    for (const tool of Object.keys(publishedContract('mcp-app').tools)) expect(contents[0]?.text).toContain(tool);
    expect(await ask('resources/templates/list')).toMatchObject({ result: { resourceTemplates: [] } });
    expect(await ask('resources/read', { uri: 'errand://nope' })).toMatchObject({ error: { code: -32002 } });
    expect(await ask('initialize', {})).toMatchObject({ result: { capabilities: { resources: {} } } });
  });

  it('describes the one operation callTool without a key', async () => {
    const response = await fetch(`${url}/openapi.json`);
    const document = (await response.json()) as {
      openapi: string;
      servers: { url: string }[];
      paths: Record<
        string,
        Record<string, { operationId: string; requestBody: { content: Record<string, { schema: JsonSchema }> } }>
      >;
    };
    expect(document.openapi).toMatch(/^3\./);
    expect(document.servers).toEqual([{ url: `${fixture.url}/api` }]);
    expect(Object.keys(document.paths)).toEqual(['/mcp-app']);
    expect(Object.keys(document.paths['/mcp-app'] ?? {})).toEqual(['post']);
    const operation = document.paths['/mcp-app']?.['post'];
    const schema = operation?.requestBody.content['application/json']?.schema;
    expect(operation?.operationId).toBe('callTool');
    expect(faultsOf(toolCall('get_credits'), schema)).toEqual([]);
    expect(faultsOf(toolCall('nope'), schema)).not.toEqual([]);
  });

  it('says of each tool how one signs in', async () => {
    const response = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, {});
    const { result } = (await response.json()) as { result: { tools: { name: string; securitySchemes: object }[] } };
    for (const { name, securitySchemes } of result.tools) {
      const scopes = ['run_workflow', 'cancel_workflow_run'].includes(name) ? ['read', 'run'] : ['read'];
      expect(securitySchemes).toEqual([{ type: 'oauth2', scopes }]);
    }
  });
});

describe('contract B, limits', () => {
  it('tells with every answer to a tool call what is left, and of nothing else', async () => {
    const window = (limit: number) => createRateLimiter({ clock: nodeClock, limit, windowMs: 60_000 });
    const limited = await startFixture({ limits: { mutating: window(1), reading: window(4) } });
    const told: { readonly reset: string | null; readonly exposed: string }[] = [];
    const send = async (body: object): Promise<(string | null)[]> => {
      const { status, headers } = await post(`${limited.url}/api/mcp-app`, body, {
        ...bearer(KEY_A),
        origin: limited.url,
      });
      told.push({
        reset: headers.get('x-ratelimit-reset'),
        exposed: headers.get('access-control-expose-headers') ?? '',
      });
      return [
        String(status),
        headers.get('x-ratelimit-limit'),
        headers.get('x-ratelimit-remaining'),
        headers.get('retry-after') === null ? null : 'wait',
      ];
    };
    expect(await send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).toEqual(['200', null, null, null]);
    expect(await send(toolCall('get_credits'))).toEqual(['200', '4', '3', null]);
    expect(await send(toolCall('run_workflow', CHECKUP))).toEqual(['200', '1', '0', null]);
    expect(await send(toolCall('run_workflow', CHECKUP))).toEqual(['429', '1', '0', 'wait']);
    expect(await send(toolCall('get_run_status', { runId: 'nope' }))).toEqual(['200', '4', '1', null]);
    expect(await send(toolCall('nope'))).toEqual(['200', '4', '0', null]);
    expect(await send(toolCall('get_credits'))).toEqual(['429', '4', '0', 'wait']);
    expect(told[0]?.reset).toBeNull();
    for (const { reset, exposed } of told.slice(1)) {
      expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(reset ?? '') - Date.now()).toBeLessThanOrEqual(60_000);
      expect(exposed).toContain('X-RateLimit-Reset');
    }
    await limited.close();
  });

  it('counts mutating calls apart, and answers 429 over the limit', async () => {
    const limited = await startFixture({ limits: { mutating: limitOf(2), reading: limitOf(1000) } });
    const send = (body: object) => post(`${limited.url}/api/mcp-app`, body);
    const first = await send(toolCall('run_workflow', CHECKUP));
    const { result } = (await first.json()) as { result: ToolAnswer };
    const { runId } = JSON.parse(result.content[0]?.text ?? '') as { runId: string };
    expect((await send(toolCall('cancel_workflow_run', { runId }))).status).toBe(200);
    for (const tool of ['run_workflow', 'cancel_workflow_run']) {
      const refused = await send(toolCall(tool, { ...CHECKUP, runId }, 'third'));
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('42');
      expect(await refused.json()).toMatchObject({
        id: null,
        error: { code: -32029, data: { code: 'rate_limited', retryAfter: 42 } },
      });
    }
    expect((await send(toolCall('get_run_status', { runId }))).status).toBe(200);
    expect(limited.services.runs.size).toBe(1);
    await limited.close();
  });
});
