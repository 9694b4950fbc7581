import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, post, startFixture, toolCall, type Fixture } from '../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS } from '../../test/support/runs/sample-records.js';

const ORIGIN = 'https://app.example';
let open: Fixture;
let local: Fixture;
let listed: Fixture;

beforeAll(async () => {
  open = await startFixture({ publicUrl: 'https://errand.example/base' });
  local = await startFixture();
  listed = await startFixture({ host: '0.0.0.0', allowedOrigins: [ORIGIN] });
});
afterAll(() => Promise.all([open.close(), local.close(), listed.close()]));

function preflight(url: string, method: string, headers: string, origin = ORIGIN): Promise<Response> {
  return fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      ...(headers === '' ? {} : { 'access-control-request-headers': headers }),
    },
  });
}

/** What a browser makes of the answer to a preflight request. */
async function isAllowed(url: string, method: string, headers: readonly string[], origin = ORIGIN): Promise<boolean> {
  const answer = await preflight(url, method, headers.join(','), origin);
  const listOf = (name: string): string[] =>
    (answer.headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());
  const allowedOrigin = answer.headers.get('access-control-allow-origin');
  return (
    answer.ok &&
    (allowedOrigin === '*' || allowedOrigin === origin) &&
    listOf('access-control-allow-methods').includes(method.toLowerCase()) &&
    headers.every((name) => listOf('access-control-allow-headers').includes(name))
  );
}

const MCP_HEADERS = [
  'accept',
  'authorization',
  'content-type',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-param-region',
  'mcp-protocol-version',
  'mcp-session-id',
  'traceparent',
];

describe('pages of other origins', () => {
  it('may ask, by what a browser is told before, on every mount and every path of the REST API', async () => {
    for (const path of ['/mcp', '/mcp/', '/mcp/workflows/', '/api/mcp-app']) {
      expect([path, await isAllowed(open.url + path, 'POST', MCP_HEADERS)]).toEqual([path, true]);
    }
    const rest = ['authorization', 'content-type', 'idempotency-key', 'traceparent', 'tracestate'];
    expect(await isAllowed(`${open.url}/api/v1/runs`, 'POST', rest)).toBe(true);
    expect(await isAllowed(`${open.url}/api/v1/keys/x`, 'DELETE', rest)).toBe(true);
    expect(await isAllowed(`${open.url}/api/v1/organizations/x`, 'PATCH', rest)).toBe(true);
    expect(await isAllowed(`${open.url}/api/v1/runs`, 'PUT', rest)).toBe(false);
  });

  it('may not name headers that are none', async () => {
    const answer = await preflight(`${open.url}/mcp`, 'POST', 'x-ok, x bad, , "x", x-ok');
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/traceparent, tracestate, x-ok$/);
  });

  it('may read the answers and what the protocol says in headers', async () => {
    const run = await open.services.put(SAMPLE_RUNS.completed);
    const headers = { ...bearer(KEY_A), origin: ORIGIN };
    const stream = { ...headers, accept: 'text/event-stream' };
    for (const response of [
      await post(`${open.url}/mcp`, toolCall('list_workflows'), headers),
      await post(`${open.url}/mcp/workflows`, toolCall('list_workflows'), { ...headers, te: 'trailers' }),
      await post(`${open.url}/mcp`, toolCall('list_workflows'), { origin: ORIGIN }),
      await fetch(`${open.url}/api/v1/runs`, { headers }),
      await fetch(`${open.url}/api/v1/runs/run_${run.id}/events`, { headers: stream }),
      await fetch(`${open.url}/api/v1/nothing`, { headers }),
      await fetch(`${open.url}/api/v1/runs`, { headers: { origin: ORIGIN } }),
      await fetch(`${open.url}/.well-known/oauth-protected-resource/mcp`, { headers: { origin: ORIGIN } }),
    ]) {
      expect([response.url, response.headers.get('access-control-allow-origin')]).toEqual([response.url, '*']);
      expect(response.headers.get('access-control-expose-headers')).toMatch(/^WWW-Authenticate, .*Mcp-Session-Id/);
      expect(response.headers.has('access-control-allow-credentials')).toBe(false);
      await response.body?.cancel();
    }
  });

  it('are told apart by the list of those that may call', async () => {
    const call = (origin: string): Promise<Response> =>
      post(`${listed.url}/mcp`, toolCall('list_workflows'), { ...bearer(KEY_A), origin });
    const allowed = await call(ORIGIN);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, ORIGIN]);
    expect(allowed.headers.get('vary')).toBe('Origin');
    const refused = await call('https://evil.example');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect(await refused.text()).toContain('ERRAND_ALLOWED_ORIGINS');
    expect(await isAllowed(`${listed.url}/mcp`, 'POST', MCP_HEADERS)).toBe(true);
    expect(await isAllowed(`${listed.url}/api/v1/runs`, 'POST', [], 'https://evil.example')).toBe(false);
  });

  it('are refused by a server on loopback, but for those on loopback', async () => {
    expect(await isAllowed(`${local.url}/mcp`, 'POST', MCP_HEADERS)).toBe(false);
    expect((await preflight(`${local.url}/api/v1/runs`, 'POST', '')).status).toBe(403);
    expect(await isAllowed(`${local.url}/mcp`, 'POST', MCP_HEADERS, 'http://localhost:6274')).toBe(true);
    expect(await isAllowed(`${local.url}/api/v1/runs`, 'POST', [], 'http://127.0.0.1:3000')).toBe(true);
  });
});

describe('programs that are no browser', () => {
  it('see nothing of this', async () => {
    const response = await post(`${open.url}/mcp`, toolCall('list_workflows'));
    const options = await fetch(`${open.url}/mcp`, { method: 'OPTIONS' });
    for (const { headers } of [response, options]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
  });
});
