import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, startFixture, type Fixture } from '../../../test/support/http/http-fixture.js';
import {
  ask,
  bodyOf,
  startMcpFixture,
  STATELESS,
  TASKS,
  type McpFixture,
  type StatelessOptions,
} from '../../../test/support/http/mcp-fixture.js';
import { MOUNTS } from './mounts.js';

const META = 'io.modelcontextprotocol/';

let errand: Fixture;
let conformance: McpFixture;

beforeAll(async () => {
  [errand, conformance] = await Promise.all([startFixture(), startMcpFixture()]);
});
afterAll(() => Promise.all([errand.close(), conformance.close()]));

async function refusal(response: Promise<Response>): Promise<object> {
  const { status } = await response;
  const { id, error } = await bodyOf(response);
  return { status, id, code: error?.code };
}

describe('every mount', () => {
  const urls = () => MOUNTS.map(({ path }) => errand.url + path);
  const withKey = (options: StatelessOptions = {}): StatelessOptions => ({
    ...options,
    headers: { ...bearer(KEY_A), ...options.headers },
  });

  it('says what it is and which revisions it speaks', async () => {
    for (const url of urls()) {
      const { result } = await bodyOf(ask(url, 'server/discover', {}, withKey({ id: 'probe' })));
      expect(result).toMatchObject({
        resultType: 'complete',
        supportedVersions: [STATELESS, '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
        capabilities: { tools: {} },
        cacheScope: 'public',
        _meta: { [`${META}serverInfo`]: { name: 'errand', version: '0.0.0' } },
      });
      expect(result?.['capabilities']).not.toHaveProperty('tasks');
    }
  });

  it('lists its tools with how long the list may be kept', async () => {
    for (const url of urls()) {
      const { result } = await bodyOf(ask(url, 'tools/list', {}, withKey()));
      expect(result).toMatchObject({ resultType: 'complete', ttlMs: expect.any(Number) as number });
      expect(['public', 'private']).toContain(result?.['cacheScope']);
      expect(result?.['tools']).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'list_workflows', inputSchema: expect.anything() as object }),
        ]),
      );
    }
  });

  it('calls tools, with the answer that it has in the other era and what this era adds', async () => {
    for (const url of urls()) {
      const stateless = await bodyOf(ask(url, 'tools/call', { name: 'get_credits' }, withKey()));
      const handshake = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(KEY_A) },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_credits' } }),
      });
      const { result, error } = await bodyOf(handshake);
      // Contract A has no such tool; both eras say so in the same words.
      expect(stateless.error).toEqual(error);
      if (result === undefined) continue;
      const { resultType, _meta, ...same } = stateless.result ?? {};
      expect(result).not.toHaveProperty('resultType');
      expect([resultType, _meta]).toEqual(['complete', { [`${META}serverInfo`]: expect.anything() as object }]);
      expect(same).toEqual(result);
    }
  });

  it('takes notifications of this era with 202, whatever it has for those of the other', async () => {
    for (const url of urls()) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'mcp-protocol-version': STATELESS, ...bearer(KEY_A) },
        body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3 } }),
      });
      expect([response.status, await response.text()]).toEqual([202, '']);
    }
  });

  it('answers 401 to a call without a key, so that no client takes it for an older server', async () => {
    for (const { path, keysOnly } of MOUNTS) {
      const url = errand.url + path;
      const response = await ask(url, 'tools/call', { name: 'list_workflows' });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain(keysOnly ? 'realm=' : 'resource_metadata=');
    }
  });

  it('refuses a batch whose messages stand alone', async () => {
    for (const url of urls()) {
      const params = { _meta: { [`${META}protocolVersion`]: STATELESS, [`${META}clientCapabilities`]: {} } };
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(KEY_A) },
        body: JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'tools/list', params }]),
      });
      expect([response.status, (await bodyOf(response)).error?.code]).toEqual([400, -32600]);
    }
  });
});

describe('a request of the stateless era', () => {
  const call = (options: StatelessOptions): Promise<Response> =>
    ask(conformance.url, 'tools/call', { name: 'greet', arguments: {} }, options);

  const REFUSALS: readonly (readonly [string, StatelessOptions, number])[] = [
    ['without its revision', { meta: { [`${META}protocolVersion`]: undefined } }, -32602],
    ['with a revision that is no text', { meta: { [`${META}protocolVersion`]: 5 } }, -32602],
    ['without its capabilities', { meta: { [`${META}clientCapabilities`]: undefined } }, -32602],
    ['with capabilities that are a list', { meta: { [`${META}clientCapabilities`]: [] } }, -32602],
    ['from a client without a name', { meta: { [`${META}clientInfo`]: { version: '1' } } }, -32602],
    ['with a log level that there is not', { meta: { [`${META}logLevel`]: 'loud' } }, -32602],
    ['whose revision header says otherwise', { headers: { 'mcp-protocol-version': '2025-11-25' } }, -32020],
    ['whose body has an unknown revision but not its header', { meta: { [`${META}protocolVersion`]: 'v999' } }, -32020],
    [
      'of an unknown revision',
      { meta: { [`${META}protocolVersion`]: 'v999' }, headers: { 'mcp-protocol-version': 'v999' } },
      -32022,
    ],
    [
      'of a revision that has a handshake',
      { meta: { [`${META}protocolVersion`]: '2025-11-25' }, headers: { 'mcp-protocol-version': '2025-11-25' } },
      -32022,
    ],
    ['without its revision header', { headers: { 'mcp-protocol-version': undefined } }, -32020],
    ['without Mcp-Method', { headers: { 'mcp-method': undefined } }, -32020],
    ['with another Mcp-Method', { headers: { 'mcp-method': 'tools/list' } }, -32020],
    ['with its Mcp-Method in capitals', { headers: { 'mcp-method': 'TOOLS/CALL' } }, -32020],
    ['without Mcp-Name', { headers: { 'mcp-name': undefined } }, -32020],
    ['with another Mcp-Name', { headers: { 'mcp-name': 'other' } }, -32020],
    ['with an Mcp-Name that is no base64', { headers: { 'mcp-name': '=?base64?SGVs!!!bG8=?=' } }, -32020],
  ];

  it.each(REFUSALS)('%s is refused', async (_what, options, code) => {
    expect(await refusal(call({ id: 'the-id', ...options }))).toEqual({ status: 400, id: 'the-id', code });
  });

  it('may name its tool in base64, and may leave out who asks', async () => {
    const encoded = `=?base64?${Buffer.from('greet').toString('base64')}?=`;
    const response = await call({ headers: { 'mcp-name': encoded }, meta: { [`${META}clientInfo`]: undefined } });
    expect((await bodyOf(response)).result).toMatchObject({ content: [{ text: 'Hello, world!' }] });
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'tasks/list', 'tasks/result', 'no/such'])(
    'for %s, which the era does not have, is answered 404',
    async (method) => {
      expect(await refusal(ask(conformance.url, method))).toEqual({ status: 404, id: 1, code: -32601 });
    },
  );

  it('is told which capability its tool needs', async () => {
    const response = ask(conformance.url, 'tools/call', { name: 'test_missing_capability' });
    expect((await response).status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { sampling: {} } },
    });
  });

  it('repeats in headers what its tool wants there', async () => {
    const region = (headers: Record<string, string>, value: unknown = 'eu') =>
      ask(conformance.url, 'tools/call', { name: 'test_x_mcp_header', arguments: { region: value } }, { headers });
    expect((await region({ 'mcp-param-region': 'eu' })).status).toBe(200);
    expect((await region({ 'mcp-param-region': '=?base64?ZXU=?=' })).status).toBe(200);
    expect((await region({}, null)).status).toBe(200);
    for (const wrong of [{}, { 'mcp-param-region': 'us' }, { 'mcp-param-region': '=?base64?ZXU?=' }]) {
      expect(await refusal(region(wrong as Record<string, string>))).toEqual({ status: 400, id: 1, code: -32020 });
    }
  });

  it('learns with 200 what is wrong with its params', async () => {
    const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
      ['tools/call', { name: 'nope' }],
      ['tools/call', { name: 'greet', arguments: 5 }],
      ['tools/list', { cursor: 'x' }],
      ['prompts/list', { cursor: 5 }],
      ['prompts/get', { name: 'nope' }],
      ['resources/read', { uri: 'test://nope' }],
      ['completion/complete', { ref: { type: 'ref/prompt' }, argument: { name: 'a', value: '' } }],
      ['subscriptions/listen', {}],
      ['subscriptions/listen', { notifications: { taskIds: 'x' } }],
    ];
    for (const [method, params] of wrong) {
      expect([method, await refusal(ask(conformance.url, method, params))]).toEqual([
        method,
        { status: 200, id: 1, code: -32602 },
      ]);
    }
  });
});

describe('a tool that must know more', () => {
  const asking = { capabilities: { elicitation: {}, sampling: {}, roots: {} } };
  const stateful = (params: Record<string, unknown>) =>
    bodyOf(ask(conformance.url, 'tools/call', { name: 'test_input_required_result_request_state', ...params }, asking));
  const ANSWER = { confirm: { action: 'accept', content: { ok: true } } };

  it('is answered by asking it again with the answers and the state that it gave', async () => {
    const { result: first } = await stateful({});
    expect(first).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirm: { method: 'elicitation/create' } },
    });
    const { result } = await stateful({ inputResponses: ANSWER, requestState: first?.['requestState'] });
    expect(result).toMatchObject({ resultType: 'complete', content: [{ text: 'state-ok' }] });
  });

  it('takes its state back for the same call only, and unchanged', async () => {
    const state = (await stateful({})).result?.['requestState'] as string;
    const stolen = await stateful({ arguments: { other: 1 }, inputResponses: ANSWER, requestState: state });
    expect(stolen.error?.code).toBe(-32602);
    for (const tampered of [`${state}x`, state.slice(1), '', 'a.b', 5]) {
      const { error } = await stateful({ inputResponses: ANSWER, requestState: tampered });
      expect([tampered, error?.code]).toEqual([tampered, -32602]);
    }
  });

  it('asks again where answers and state are null, as hosts send what is absent', async () => {
    expect((await stateful({ inputResponses: null, requestState: null })).result).toMatchObject({
      resultType: 'input_required',
    });
  });

  it('refuses answers that are no objects', async () => {
    for (const inputResponses of [5, [], { confirm: 12345 }]) {
      expect((await stateful({ inputResponses })).error?.code).toBe(-32602);
    }
  });

  it('asks nothing of a client that cannot answer', async () => {
    const response = await ask(conformance.url, 'tools/call', { name: 'test_input_required_result_sampling' });
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { sampling: {} } },
    });
  });
});

describe('tasks as an extension', () => {
  const declared = { capabilities: TASKS };

  it('are made for clients that declare it with the request, and for no others', async () => {
    const slow = { name: 'slow_compute', arguments: { seconds: 0, label: 'x' } };
    const plain = await bodyOf(ask(conformance.url, 'tools/call', slow));
    expect(plain.result).toMatchObject({ resultType: 'complete', content: [{ text: 'computed x' }] });
    const task = await bodyOf(ask(conformance.url, 'tools/call', slow, declared));
    expect(task.result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 600_000 });
    const required = ask(conformance.url, 'tools/call', { name: 'failing_job' });
    expect(await refusal(required)).toEqual({ status: 400, id: 1, code: -32021 });
  });

  it('are not shown to who does not declare it, whatever the task', async () => {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const params = { taskId: 'no-such-task', inputResponses: {} };
      expect(await refusal(ask(conformance.url, method, params))).toEqual({ status: 400, id: 1, code: -32021 });
      expect(await refusal(ask(conformance.url, method, params, declared))).toEqual({
        status: 200,
        id: 1,
        code: -32602,
      });
    }
  });

  it('go on with the answers that they are given, whole or in part', async () => {
    const made = await bodyOf(ask(conformance.url, 'tools/call', { name: 'multi_input' }, declared));
    const taskId = made.result?.['taskId'];
    const look = async () => (await bodyOf(ask(conformance.url, 'tasks/get', { taskId }, declared))).result;
    await expect.poll(async () => (await look())?.['status']).toBe('input_required');
    const answer = (key: string, name: string) =>
      ask(
        conformance.url,
        'tasks/update',
        { taskId, inputResponses: { [key]: { action: 'accept', content: { name } } } },
        declared,
      );
    await answer('first', 'Ada');
    expect(Object.keys((await look())?.['inputRequests'] as object)).toEqual(['last']);
    await answer('last', 'Lovelace');
    await expect.poll(look).toMatchObject({
      status: 'completed',
      result: { resultType: 'complete', content: [{ text: 'Ada Lovelace' }] },
    });
    const cancelled = await bodyOf(ask(conformance.url, 'tasks/cancel', { taskId }, declared));
    expect(Object.keys(cancelled.result ?? {}).toSorted()).toEqual(['_meta', 'resultType']);
  });
});
