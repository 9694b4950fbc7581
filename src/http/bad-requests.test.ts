import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_RUNS } from '../../test/support/runs/sample-records.js';
import { bearer, KEY_A, post, startFixture, toolCall, type Fixture } from '../../test/support/http/http-fixture.js';

let fixture: Fixture;
let mounts: string[];

beforeAll(async () => {
  fixture = await startFixture();
  mounts = ['/mcp/workflows', '/mcp/workflows/', '/api/mcp-app', '/api/mcp-app/'].map((path) => fixture.url + path);
});
afterAll(() => fixture.close());

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

async function onEachMount(check: (url: string) => Promise<void>): Promise<void> {
  for (const url of mounts) await check(url);
}

async function rpcError(response: Response | Promise<Response>): Promise<object> {
  const { status, headers } = await response;
  const { jsonrpc, id, error } = (await (await response).json()) as {
    jsonrpc: string;
    id: unknown;
    error: { code: number };
  };
  expect([headers.get('content-type'), jsonrpc]).toEqual(['application/json', '2.0']);
  return { status, id, code: error.code };
}

describe('the MCP mounts', () => {
  it.each(['', '{', 'hello', '\u0000', '{"jsonrpc":"2.0"'])('answer malformed JSON with -32700: %j', async (body) => {
    await onEachMount(async (url) => {
      expect(await rpcError(post(url, body))).toEqual({ status: 400, id: null, code: -32700 });
    });
  });

  it('answer what is no message with -32600', async () => {
    await onEachMount(async (url) => {
      for (const body of [5, 'null', {}, { jsonrpc: '2.0', id: null, method: 'ping' }, { id: 1, method: 'ping' }]) {
        const response = await post(url, body);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: { code: -32600 } });
      }
    });
  });

  it('answer an unknown method with -32601, under any protocol revision that opens with a handshake', async () => {
    await onEachMount(async (url) => {
      for (const revision of [undefined, '2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
        const headers = { ...bearer(KEY_A), ...(revision === undefined ? {} : { 'mcp-protocol-version': revision }) };
        const response = await post(url, { jsonrpc: '2.0', id: 9, method: 'server/discover' }, headers);
        expect(await rpcError(response)).toEqual({ status: 200, id: 9, code: -32601 });
      }
    });
  });

  it('refuse a protocol revision that they do not speak, and say which they do', async () => {
    await onEachMount(async (url) => {
      for (const revision of ['nonsense', '2027-01-01']) {
        const response = await post(url, toolCall('list_workflows'), {
          ...bearer(KEY_A),
          'mcp-protocol-version': revision,
        });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({
          id: 1,
          error: {
            code: -32022,
            data: {
              requested: revision,
              supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
            },
          },
        });
      }
    });
  });

  it('answer wrong params with -32602', async () => {
    await onEachMount(async (url) => {
      const params = [{}, { name: 5 }, { name: 'nope' }, { name: 'list_workflows', arguments: 'x' }, []];
      for (const wrong of params) {
        const response = await post(url, { jsonrpc: '2.0', id: 2, method: 'tools/call', params: wrong });
        expect(await response.json()).toMatchObject({ id: 2, error: { code: -32602 } });
      }
      const cursor = { jsonrpc: '2.0', id: 3, method: 'tools/list', params: { cursor: 'x' } };
      expect(await rpcError(post(url, cursor))).toEqual({ status: 200, id: 3, code: -32602 });
    });
  });

  it('give back ids and take numbers exactly as they came, or refuse them', async () => {
    await onEachMount(async (url) => {
      const ask = async (id: string, params = '{}'): Promise<Response> =>
        await post(url, `{"jsonrpc":"2.0","id":${id},"method":"ping","params":${params}}`);
      for (const id of ['9007199254740991', '-9007199254740992', '100000000000000000000', '"9007199254740993"']) {
        expect(await (await ask(id)).text()).toContain(`"id":${id},`);
      }
      expect(await rpcError(ask('9007199254740993'))).toEqual({ status: 400, id: null, code: -32600 });
      const token = await ask('8', '{"_meta":{"progressToken":12345678901234567890}}');
      expect([token.status, await token.json()]).toMatchObject([
        200,
        { id: 8, error: { code: -32602, message: expect.stringContaining('/params/_meta/progressToken') as string } },
      ]);
    });
  });

  it('take notifications and answers without a word', async () => {
    for (const body of [
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      { jsonrpc: '2.0', method: 'tools/call', params: { name: 'run_workflow' } },
      { jsonrpc: '2.0', id: 4, result: {} },
    ]) {
      const [a, b] = [await post(mounts[0] ?? '', body), await post(mounts[2] ?? '', body)];
      expect([a.status, b.status, await a.text(), await b.text()]).toEqual([202, 204, '', '']);
    }
    expect(await fixture.services.count()).toBe(0);
  });

  it('answer batches in the revision that has them, in order, leaving notifications out', async () => {
    const batch = [PING, { jsonrpc: '2.0', method: 'notifications/initialized' }, 7, toolCall('nope', {}, 'last')];
    await onEachMount(async (url) => {
      for (const headers of [bearer(KEY_A), { ...bearer(KEY_A), 'mcp-protocol-version': '2025-03-26' }]) {
        const response = await post(url, batch, headers);
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject([
          { id: 1, result: {} },
          { id: null, error: { code: -32600 } },
          { id: 'last', error: { code: -32602 } },
        ]);
      }
    });
  });

  it('refuse batches in every other revision, and empty, huge or opening ones', async () => {
    await onEachMount(async (url) => {
      const newer = { ...bearer(KEY_A), 'mcp-protocol-version': '2025-06-18' };
      const refused = { status: 400, id: null, code: -32600 };
      expect(await rpcError(post(url, [PING], newer))).toEqual(refused);
      expect(await rpcError(post(url, []))).toEqual(refused);
      expect(
        await rpcError(
          post(
            url,
            Array.from({ length: 101 }, () => PING),
          ),
        ),
      ).toEqual(refused);
      const opening = await post(url, [{ jsonrpc: '2.0', id: 5, method: 'initialize', params: {} }]);
      expect(await opening.json()).toMatchObject([{ id: 5, error: { code: -32600 } }]);
    });
  });

  it('stop giving the answers of a batch once they are long together', async () => {
    const { services } = fixture;
    const { id } = await services.put({ ...SAMPLE_RUNS.completed, output: 'x'.repeat(1_000_000) });
    const read = (call: number) => ({
      jsonrpc: '2.0',
      id: call,
      method: 'resources/read',
      params: { uri: `errand://runs/run_${id}` },
    });
    const batch = Array.from({ length: 20 }, (_, index) => read(index));
    const response = await post(`${fixture.url}/mcp`, batch);
    const answers = (await response.json()) as { id: number; result?: object; error?: { message: string } }[];
    expect(answers.map((answer) => answer.id)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(answers.filter(({ result }) => result !== undefined).length).toBeLessThan(8);
    expect(answers.at(-1)?.error?.message).toContain('too long together');
  });

  it('show a missing key of a batch as HTTP 401', async () => {
    const response = await post(mounts[2] ?? '', [PING, toolCall('get_credits', {}, 2)], {});
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject([
      { id: 1, result: {} },
      { id: 2, error: { code: -32001 } },
    ]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'application/jsonx'])(
    'refuse the content type %s',
    async (type) => {
      await onEachMount(async (url) => {
        const answer = await rpcError(post(url, PING, { ...bearer(KEY_A), 'content-type': type }));
        expect(answer).toEqual({ status: 415, id: null, code: -32000 });
      });
    },
  );

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json ;odd=1'])(
    'take the content type %s',
    async (type) => {
      await onEachMount(async (url) => {
        expect((await post(url, PING, { ...bearer(KEY_A), 'content-type': type })).status).toBe(200);
      });
    },
  );

  it.each(['*/*', 'application/json', 'text/event-stream', 'image/png', ''])(
    'answer whatever Accept is: %j',
    async (accept) => {
      await onEachMount(async (url) => {
        const response = await post(url, PING, { ...bearer(KEY_A), accept });
        expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
      });
    },
  );

  it('refuse other methods, telling which they have', async () => {
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const response = await fetch(mounts[0] ?? '', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    }
    expect((await fetch(mounts[0] ?? '', { method: 'OPTIONS' })).status).toBe(204);
    expect((await fetch(mounts[2] ?? '', { method: 'HEAD' })).status).toBe(200);
  });

  it('survive values nested without end', async () => {
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_workflow","arguments":${deep}}}`;
    await onEachMount(async (url) => {
      expect(await rpcError(post(url, body))).toEqual({ status: 400, id: null, code: -32700 });
    });
  });
});

describe('bodies of 10 MB', () => {
  const HUGE = Buffer.alloc(10 * 1024 * 1024, 'x');

  it('are refused with 413 when they announce their length', async () => {
    for (const url of [...mounts, `${fixture.url}/api/v1/runs`]) {
      expect((await post(url, HUGE.toString())).status).toBe(413);
    }
  });

  it('are refused with 413 when they come in chunks', async () => {
    for (const url of [...mounts, `${fixture.url}/api/v1/runs`]) {
      expect(await postChunked(url, HUGE, { ...bearer(KEY_A), 'content-type': 'application/json' })).toBe(413);
    }
  });

  it('are refused with 413, too, when they hold too many values', async () => {
    const response = await post(`${fixture.url}/api/v1/runs`, `{"input":[${'1,'.repeat(100_000)}1]}`);
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining('more than 100000 values')]);
  });

  it('without a key are refused as unauthenticated where every message needs a key', async () => {
    expect((await post(mounts[0] ?? '', HUGE.toString(), {})).status).toBe(401);
  });

  it('leave the server answering', async () => {
    expect((await post(mounts[0] ?? '', PING)).status).toBe(200);
  });

  it('in small chunks within the limit are read', async () => {
    const body = Readable.from([Buffer.from('{"jsonrpc":"2.0","id":1,'), Buffer.from('"method":"ping"}')]);
    expect(await postChunked(mounts[0] ?? '', body, { ...bearer(KEY_A), 'content-type': 'application/json' })).toBe(
      200,
    );
  });

  async function postChunked(url: string, body: Buffer | Readable, headers: Record<string, string>): Promise<number> {
    return await new Promise((resolve, reject) => {
      const sent = request(
        url,
        { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' } },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      sent.on('error', reject);
      if (body instanceof Readable) body.pipe(sent);
      else sent.end(body);
    });
  }
});

describe('everything else', () => {
  it('is not found, as JSON', async () => {
    for (const path of ['/', '/mcp/nope', '/api/v1/nope', '/api/v1/runs/x/y/z', '/%ff', '/../etc/passwd']) {
      const response = await fetch(fixture.url + path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    }
  });

  it('is answered with headers that keep browsers from sniffing, framing and keeping', async () => {
    const response = await fetch(`${fixture.url}/healthz`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
  });
});
