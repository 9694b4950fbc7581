import { testOfficialClients, type OfficialClient } from '../../../test/support/contracts/official-clients.js';
import { describe, expect, it } from 'vitest';
import { faultsOf, outputFaults, publishedContract } from '../../../test/support/contracts/contract-schemas.js';
import { bearer, KEY_A, limitOf, post, startFixture, toolCall } from '../../../test/support/http/http-fixture.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { createRateLimiter } from '../../auth/limits/rate-limit.js';
import type { JsonSchema } from '../../core/json.js';

setUp();
import {
  fixture,
  url,
  type ToolAnswer,
  type Fields,
  type RpcFailure,
  CHECKUP,
  setUp,
} from '../../../test/support/contracts/contract-b-under-test.js';

describe('contract B, to the official clients', () => {
  const TOOLS = Object.keys(publishedContract('mcp-app').tools);

  async function driveEveryTool(client: OfficialClient): Promise<string[]> {
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

  testOfficialClients({ url: () => url, tools: TOOLS, endings: [''], drive: driveEveryTool });
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
    expect(await limited.services.count()).toBe(1);
    await limited.close();
  });
});
