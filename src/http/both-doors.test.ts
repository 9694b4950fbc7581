import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, limitOf, startFixture, toolCall, type Fixture } from '../../test/support/http/http-fixture.js';
import { answerWithoutSocket } from '../../test/support/http/request-exchange.js';
import { ManualClock } from '../testing/manual-clock.js';

const MOUNTS = ['/mcp', '/mcp/key', '/mcp/workflows', '/api/mcp-app'];
const WAYS = ['/api/v1/workflows', ...MOUNTS];
const MAX_BODY_BYTES = 1_000;

interface Sent {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function toRequest(base: string, { path, body, headers = bearer(KEY_A) }: Sent): Request {
  const post = body !== undefined || MOUNTS.includes(path);
  return new Request(base + path, {
    method: post ? 'POST' : 'GET',
    headers: { ...(post ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(post ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
}

/** All but what belongs to the connection and to the moment. */
async function toAnswer(response: Response): Promise<object> {
  const headers = Object.fromEntries(response.headers);
  for (const name of ['connection', 'keep-alive', 'date', 'transfer-encoding', 'content-length']) delete headers[name];
  return { status: response.status, headers, text: await response.text() };
}

describe('the app without a socket', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture({ maxBodyBytes: MAX_BODY_BYTES });
  });
  afterAll(() => fixture.close());

  const answer = (sent: Sent) => answerWithoutSocket(fixture.app, toRequest(fixture.url, sent));

  it.each<Sent>([
    ...MOUNTS.flatMap((path): readonly Sent[] => [
      { path, body: toolCall('list_workflows') },
      { path, body: toolCall('get_run_status', { run_id: 'run_none' }) },
      { path, body: toolCall('list_workflows'), headers: {} },
      { path, body: toolCall('list_workflows'), headers: { ...bearer(KEY_A), 'content-type': 'text/plain' } },
      { path, body: { jsonrpc: '2.0', method: 'notifications/initialized' } },
      { path, body: '{' },
      { path, body: toolCall('list_workflows', { long: 'x'.repeat(MAX_BODY_BYTES) }) },
      { path, body: toolCall('list_workflows'), headers: { ...bearer(KEY_A), origin: 'https://page.example' } },
    ]),
    { path: '/api/v1/workflows' },
    { path: '/api/v1/workflows', headers: {} },
    { path: '/api/v1/runs', body: { workflow: 'x'.repeat(MAX_BODY_BYTES) } },
    { path: '/nothing' },
  ])('answers as it does over one: $path $body $headers', async (sent) => {
    const overSocket = await toAnswer(await fetch(toRequest(fixture.url, sent)));
    expect(await toAnswer(await answer(sent))).toEqual(overSocket);
  });

  it('cuts a body that is too long alike for REST and MCP', async () => {
    const body = toolCall('list_workflows', { long: 'x'.repeat(MAX_BODY_BYTES) });
    for (const path of ['/api/v1/runs', ...MOUNTS]) {
      const response = await answer({ path, body });
      expect([path, response.status]).toEqual([path, 413]);
      expect(await response.text()).toContain(`The body is larger than ${MAX_BODY_BYTES} bytes.`);
    }
  });
});

describe('the order of the checks, for REST and MCP alike', () => {
  let limited: Fixture;
  beforeAll(async () => {
    limited = await startFixture({
      maxBodyBytes: MAX_BODY_BYTES,
      limits: { mutating: limitOf(0), reading: limitOf(0) },
    });
  });
  afterAll(() => limited.close());

  const statusOf = async (sent: Sent): Promise<number> =>
    (await answerWithoutSocket(limited.app, toRequest(limited.url, sent))).status;
  const body = (path: string): object => (MOUNTS.includes(path) ? { body: toolCall('list_workflows') } : {});

  it.each(WAYS)('%s refuses a foreign page before it looks at the key', async (path) => {
    expect(await statusOf({ path, ...body(path), headers: { origin: 'https://page.example' } })).toBe(403);
  });

  it.each(WAYS)('%s asks for a key before it counts the call', async (path) => {
    expect(await statusOf({ path, ...body(path), headers: {} })).toBe(401);
  });

  it('counts the call of a known key', async () => {
    const statuses = await Promise.all(WAYS.map((path) => statusOf({ path, ...body(path) })));
    // The tools of the native contract and of contract A tell it in their result.
    expect(statuses).toEqual([429, 200, 200, 200, 429]);
    for (const path of MOUNTS) {
      const response = await answerWithoutSocket(limited.app, toRequest(limited.url, { path, ...body(path) }));
      expect(await response.text()).toContain('rate_limited');
    }
  });
});

describe('streams without a socket', () => {
  it('show a sign of life every fifteen seconds, and end with the server', async () => {
    const clock = new ManualClock();
    const fixture = await startFixture({ clock });
    const closing = new AbortController();
    const request = new Request(`${fixture.url}/mcp`, {
      headers: { ...bearer(KEY_A), accept: 'text/event-stream', 'mcp-protocol-version': '2025-11-25' },
    });
    const response = await answerWithoutSocket(fixture.app, request, closing.signal);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.getReader();
    const first = reader.read();
    await clock.advance(15_000);
    expect(new TextDecoder().decode((await first).value)).toBe(': still here\n\n');
    closing.abort();
    expect((await reader.read()).done).toBe(true);
    await fixture.close();
  });
});
