import { Agent, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  asyncProperty,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  jsonValue,
  oneof,
  option,
  record,
  string,
  type Arbitrary,
} from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, startFixture, type Fixture } from '../../../test/support/http/http-fixture.js';
import { startMcpFixture, type McpFixture } from '../../../test/support/http/mcp-fixture.js';
import { MOUNTS } from './mounts.js';

const REQUESTS = Number(process.env['ERRAND_TEST_FUZZ'] ?? 10_000);
const ANSWERED_WITHIN_MS = 10_000;
/** So that internal errors are told from those that the protocol has for callers. */
const newId = (): string => 'the-error-id';

let errand: Fixture;
let conformance: McpFixture;
let urls: readonly string[];
const agent = new Agent({ keepAlive: true, maxSockets: 50 });

beforeAll(async () => {
  [errand, conformance] = await Promise.all([startFixture({ newId }), startMcpFixture({ newId })]);
  urls = [...MOUNTS.map(({ path }) => errand.url + path), conformance.url];
});
afterAll(async () => {
  agent.destroy();
  await Promise.all([errand.close(), conformance.close()]);
});

const PREFIX = 'io.modelcontextprotocol/';
const REVISIONS = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', 'v999', ''];
const METHODS = [
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/update',
  'tasks/cancel',
  'notifications/cancelled',
  '__proto__',
  'constructor',
];
const NAMES = [
  'list_workflows',
  'get_run_status',
  'cancel_run',
  'greet',
  'test_x_mcp_header',
  'toString',
  '__proto__',
  '',
];

const junk = jsonValue({ maxDepth: 3 });
/** Mostly what it should be, sometimes anything. */
const mostly = <T>(right: Arbitrary<T>): Arbitrary<unknown> =>
  oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: junk });
const maybe = <T>(value: Arbitrary<T>): Arbitrary<unknown> => option(mostly(value), { nil: undefined });

const meta = record({
  [`${PREFIX}protocolVersion`]: maybe(constantFrom(...REVISIONS)),
  [`${PREFIX}clientCapabilities`]: maybe(
    constantFrom({}, { elicitation: {}, sampling: {}, roots: {} }, { extensions: { [`${PREFIX}tasks`]: {} } }),
  ),
  [`${PREFIX}clientInfo`]: maybe(constant({ name: 'fuzz', version: '1' })),
  [`${PREFIX}logLevel`]: maybe(constantFrom('debug', 'loud')),
  progressToken: maybe(oneof(integer(), string())),
});
const params = record({
  _meta: maybe(meta),
  name: maybe(constantFrom(...NAMES)),
  uri: maybe(constantFrom('test://static-text', 'errand://runs/x', 'x')),
  arguments: maybe(dictionary(constantFrom('run_id', 'region', 'name', '__proto__', 'limit'), junk)),
  cursor: maybe(constantFrom('x', 'YWZ0ZXI6eA')),
  taskId: maybe(constantFrom('run_x', 'nope')),
  task: maybe(constantFrom({}, { ttl: -1 }, { ttl: 5 })),
  inputResponses: maybe(dictionary(string(), junk)),
  requestState: maybe(constantFrom('a.b', '')),
  notifications: maybe(
    constantFrom({}, { toolsListChanged: true }, { taskIds: ['x'] }, { resourceSubscriptions: [5] }),
  ),
  ref: maybe(constantFrom({ type: 'ref/prompt', name: 'x' }, { type: 'ref/resource', uri: 'x' })),
  argument: maybe(constantFrom({ name: 'x', value: 'y' })),
  level: maybe(constantFrom('debug', 'x')),
  protocolVersion: maybe(constantFrom(...REVISIONS)),
});
const message = record({
  jsonrpc: oneof({ weight: 9, arbitrary: constant('2.0') }, { weight: 1, arbitrary: junk }),
  id: maybe(oneof(integer(), string(), constant(null))),
  method: mostly(oneof(constantFrom(...METHODS), string())),
  params: maybe(params),
});
const text = oneof(
  { weight: 8, arbitrary: message.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: mostly(constant([])).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: message.map((value) => JSON.stringify([value, value])) },
  { weight: 1, arbitrary: string() },
  { weight: 1, arbitrary: message.map((value) => JSON.stringify(value).slice(0, -3)) },
);
const printable = string({ maxLength: 30 }).map((value) => value.replaceAll(/[^\x20-\x7e]/g, ''));
const header = (...values: readonly string[]): Arbitrary<string | undefined> =>
  option(oneof({ weight: 5, arbitrary: constantFrom(...values) }, { weight: 1, arbitrary: printable }), {
    nil: undefined,
  });
const headers = record({
  'content-type': oneof(
    { weight: 20, arbitrary: constant<string | undefined>('application/json') },
    { weight: 1, arbitrary: header('text/plain', 'application/json; charset=latin1') },
  ),
  accept: header('application/json', 'text/event-stream', 'application/json, text/event-stream'),
  'mcp-protocol-version': header(...REVISIONS),
  'mcp-method': header(...METHODS),
  'mcp-name': header(...NAMES, '=?base64?Z3JlZXQ=?=', '=?base64?!!?='),
  'mcp-param-region': header('eu', '=?base64?!!?='),
  'mcp-session-id': header('x'),
  'last-event-id': header('1'),
  authorization: header(bearer(KEY_A).authorization, 'Bearer x'),
});
/** Headers and body that mostly agree with each other, so that what is behind their comparison is reached too. */
const coherent = record({ method: constantFrom(...METHODS), params, headers, id: integer(), strays: boolean() }).map(
  ({ method, params: given, headers: stray, id, strays }) => {
    const own = {
      [`${PREFIX}protocolVersion`]: '2026-07-28',
      [`${PREFIX}clientCapabilities`]: { extensions: { [`${PREFIX}tasks`]: {} } },
    };
    const name = [given.name, given.uri, given.taskId].find((value) => typeof value === 'string');
    const agreeing = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': `=?base64?${Buffer.from(name).toString('base64')}?=` } : {}),
      ...bearer(KEY_A),
    };
    const body = { jsonrpc: '2.0', id, method, params: { ...given, _meta: own } };
    return { headers: strays ? { ...agreeing, ...stray } : agreeing, text: JSON.stringify(body) };
  },
);
const sent: Arbitrary<{ readonly headers: Record<string, string | undefined>; readonly text: string }> = oneof(
  record({ headers, text }),
  coherent,
);
const httpMethod = oneof(
  { weight: 20, arbitrary: constant('POST') },
  { weight: 1, arbitrary: constantFrom('GET', 'HEAD', 'DELETE', 'PUT', 'OPTIONS', 'PATCH') },
);

interface Answer {
  readonly status: number;
  readonly type: string;
  /** Null for a stream: that it has begun is answer enough. */
  readonly body: string | null;
}

async function send(
  url: string,
  method: string,
  fields: Record<string, string | undefined>,
  body: string,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const call = request(url, { method, agent, headers: { ...given, ...length }, timeout: ANSWERED_WITHIN_MS });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${ANSWERED_WITHIN_MS} ms`)));
    call.on('error', reject);
    call.on('response', (response) => {
      const {
        statusCode: status = 0,
        headers: { 'content-type': type = '' },
      } = response;
      if (type === 'text/event-stream') {
        resolve({ status, type, body: null });
        call.destroy();
        return;
      }
      let read = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (read += chunk));
      response.on('end', () => resolve({ status, type, body: read }));
    });
    call.end(body);
  });
}

/** What is wrong with an answer, whatever the question was; null when nothing is. */
function faultOf({ status, type, body }: Answer, method: string): string | null {
  if (status >= 500 || status < 200) return `status ${status}`;
  if (body === null || method === 'HEAD') return null;
  if (body === '') return [202, 204].includes(status) ? null : `no body with ${status}`;
  if (type !== 'application/json') return `a body of type ${type}`;
  if (body.includes('under the-error-id')) return `an internal error: ${body}`;
  const value = JSON.parse(body) as Record<string, unknown> | Record<string, unknown>[];
  if (method !== 'POST' || status === 403) return null;
  const answers = Array.isArray(value) ? value : [value];
  const whole = answers.every(
    (answer) => answer['jsonrpc'] === '2.0' && 'id' in answer && 'result' in answer !== 'error' in answer,
  );
  return whole ? null : `no JSON-RPC answer: ${body.slice(0, 200)}`;
}

describe('the MCP mounts under junk', () => {
  it('always answer well-formed, never with a 5xx, and keep no memory of it', { timeout: 300_000 }, async () => {
    const counts = new Map<number, number>();
    const run = async (runs: number): Promise<void> => {
      const property = asyncProperty(
        record({ mount: integer({ min: 0, max: urls.length - 1 }), httpMethod, sent }),
        async ({ mount, httpMethod: method, sent: { headers: fields, text: body } }) => {
          const answer = await send(urls[mount] ?? '', method, fields, body);
          counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
          expect(faultOf(answer, method)).toBeNull();
        },
      );
      await assert(property, { numRuns: runs });
    };
    await run(REQUESTS / 4);
    const before = heapBytes();
    await run((REQUESTS * 3) / 4);
    expect(heapBytes() - before).toBeLessThan(20_000_000);
    // The junk is near enough to what is right that every door is tried, the inner ones too.
    expect([200, 202, 204, 400, 401, 404, 405, 415].filter((status) => !counts.has(status))).toEqual([]);
  });
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}
