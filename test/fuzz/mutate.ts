import {
  array,
  constantFrom,
  double,
  integer,
  jsonValue,
  nat,
  oneof,
  record,
  string,
  tuple,
  uint8Array,
  type Arbitrary,
} from 'fast-check';
import type { Json, JsonObject } from '../../src/core/json.js';
import { MOUNT_PATHS, REVISIONS, STATELESS, templatesOf, toRequest, type FuzzRequest, type Known } from './requests.js';

const weighted = <T>(...choices: readonly (readonly [number, Arbitrary<T>])[]): Arbitrary<T> =>
  oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Every message that the mounts know, as clients send it. */
export function wholeRequests(known: Known): Arbitrary<FuzzRequest> {
  return record({
    path: constantFrom(...MOUNT_PATHS),
    revision: constantFrom(...REVISIONS, STATELESS, '2025-11-25'),
    at: nat(),
    id: oneof(integer(), string({ maxLength: 20 }), constantFrom(0, -1, '', '__proto__', 'é\u2028')),
    progress: constantFrom(false, false, true),
  }).map(({ path, revision, at, id, progress }) => {
    const templates = templatesOf(path, revision, known);
    const template = templates[at % templates.length];
    if (template === undefined) throw new Error('there is no template');
    return toRequest({ path, revision, template, id, known, progress });
  });
}

/** Whole requests, half-right ones, and bytes that are none. */
export function anyRequests(known: Known): Arbitrary<FuzzRequest> {
  const whole = wholeRequests(known);
  const spoilt = (changes: Arbitrary<Change>): Arbitrary<FuzzRequest> =>
    tuple(whole, array(changes, { minLength: 1, maxLength: 3 })).map(([request, list]) =>
      list.reduce((changed, change) => ({ ...change(changed), intact: false }), request),
    );
  return weighted(
    [2, whole],
    [8, spoilt(bodyChange)],
    [3, spoilt(headerChange)],
    [2, spoilt(oneof(bodyChange, headerChange))],
    [1, spoilt(shapeChange)],
    [1, spoilt(bytesChange)],
  );
}

export type Change = (request: FuzzRequest) => FuzzRequest;

const withJson = (request: FuzzRequest, json: unknown): FuzzRequest => ({
  ...request,
  json,
  body: Buffer.from(JSON.stringify(json) ?? ''),
});

const nested = (depth: number, open: string, close: string): Json =>
  JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`) as Json;

/** What is put where something else belongs. */
export const STRANGE: Arbitrary<Json> = weighted<Json>(
  [4, jsonValue({ maxDepth: 2 }) as Arbitrary<Json>],
  [
    3,
    constantFrom<Json[]>(
      null,
      true,
      0,
      -1,
      1.5,
      1e21,
      Number.MAX_SAFE_INTEGER + 2,
      '',
      ' ',
      '\u0000',
      '\uD800',
      'é\u2028\u{1F4A9}',
      '__proto__',
      'constructor',
      '{{ 1 }}',
      '../../etc/passwd',
      'run_00000000-0000-0000-0000-000000000000',
      'errand://runs/%00',
      [],
      {},
      [[]],
      [null],
    ),
  ],
  [1, double()],
  [1, integer({ min: 1, max: 40_000 }).map((length) => 'x'.repeat(length))],
  [1, integer({ min: 1, max: 300 }).map((depth) => nested(depth, '[', ']'))],
  [1, integer({ min: 1, max: 300 }).map((depth) => nested(depth, '{"a":', '}'))],
  [1, integer({ min: 1, max: 2_000 }).map((length) => Array.from({ length }, (_, index) => index))],
  [1, constantFrom<Json[]>(...REVISIONS, '2027-01-01', 'v999')],
);

const STRANGE_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', 'id', 'method', 'task', 'é'];

/** Changes one place of the message, wherever it is. */
export const bodyChange: Arbitrary<Change> = record({
  at: nat(),
  how: constantFrom('replace', 'replace', 'drop', 'add', 'rename', 'double'),
  value: STRANGE,
  key: constantFrom(...STRANGE_KEYS),
}).map(({ at, how, value, key }) => (request) => {
  const json = structuredClone(request.json) as Json;
  const places = placesOf(json);
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return withJson(request, value);
  const { holder, name } = place;
  const put = (under: string, what: Json): void =>
    void Object.defineProperty(holder, under, { value: what, enumerable: true, configurable: true, writable: true });
  const old = holder[name] ?? null;
  switch (how) {
    case 'replace':
      put(name, value);
      break;
    case 'drop':
      delete holder[name];
      break;
    case 'add':
      put(key, value);
      break;
    case 'rename':
      delete holder[name];
      put(key, old);
      break;
    case 'double':
      put(name, [old, old]);
      break;
  }
  return withJson(request, json);
});

interface Place {
  readonly holder: { [name: string]: Json };
  readonly name: string;
}

function placesOf(json: Json): readonly Place[] {
  if (typeof json !== 'object' || json === null) return [];
  const holder = json as { [name: string]: Json };
  return Object.entries(holder).flatMap(([name, value]) => [{ holder, name }, ...placesOf(value)]);
}

const HEADER_NAMES = [
  'authorization',
  'content-type',
  'accept',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-param-name',
  'mcp-session-id',
  'last-event-id',
  'origin',
  'content-encoding',
  'expect',
  'x-forwarded-host',
  'x-http-method-override',
] as const;

const HEADER_VALUES = [
  '',
  ' ',
  'x',
  'Bearer',
  'Bearer ',
  'Bearer sk_live_nope',
  'Basic eA==',
  'text/plain',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/json;',
  '*/*',
  'text/event-stream',
  'application/json',
  'image/png;q=0',
  ...REVISIONS,
  'v999',
  'TOOLS/CALL',
  'tools/call',
  'tasks/get',
  '=?base64??=',
  '=?base64?Z3JlZXQ=?=',
  '=?base64?!!?=',
  'null',
  'http://evil.example',
  'http://localhost',
  'gzip',
  '100-continue',
  '\u00e9\u00ff',
  'y'.repeat(4_000),
];

export const headerChange: Arbitrary<Change> = record({
  name: constantFrom(...HEADER_NAMES),
  value: oneof(constantFrom(...HEADER_VALUES), string({ maxLength: 30 })),
  drop: constantFrom(false, false, true),
}).map(({ name, value, drop }) => (request) => {
  const { [name]: _, ...rest } = request.headers;
  return { ...request, headers: drop ? rest : { ...rest, [name]: value.replaceAll(/[^\x20-\x7E\x80-\xFF]/g, '') } };
});

/** Batches, other methods, other addresses. */
const shapeChange: Arbitrary<Change> = oneof(
  record({ times: integer({ min: 0, max: 105 }), extra: STRANGE }).map(
    ({ times, extra }): Change =>
      (request) =>
        withJson(request, [...Array.from({ length: times }, () => request.json), extra]),
  ),
  constantFrom('GET', 'HEAD', 'DELETE', 'PUT', 'OPTIONS', 'PATCH').map((method): Change => (request) => ({
    ...request,
    method,
    ...(method === 'GET' || method === 'HEAD' ? { body: Buffer.alloc(0) } : {}),
  })),
  constantFrom('', '/', '//', '?x=1', '/%00', '/%ff', '/..', '/x').map((more): Change => (request) => ({
    ...request,
    path: request.path + more,
  })),
  constantFrom('result', 'error').map(
    (field): Change =>
      (request) =>
        withJson(request, { jsonrpc: '2.0', id: 1, [field]: {} }),
  ),
  constantFrom<JsonObject[]>({}, { requestId: 1 }, { requestId: {} }).map(
    (params): Change =>
      (request) =>
        withJson(request, { jsonrpc: '2.0', method: 'notifications/cancelled', params }),
  ),
);

/** Bodies that are not what they were as bytes. */
export const bytesChange: Arbitrary<Change> = oneof(
  nat().map(
    (at): Change =>
      (request) =>
        withBytes(request, request.body.subarray(0, at % (request.body.length + 1))),
  ),
  uint8Array({ maxLength: 200 }).map(
    (bytes): Change =>
      (request) =>
        withBytes(request, Buffer.from(bytes)),
  ),
  tuple(nat(), uint8Array({ minLength: 1, maxLength: 3 })).map(([at, bytes]): Change => (request) => {
    const cut = at % (request.body.length + 1);
    return withBytes(request, Buffer.concat([request.body.subarray(0, cut), bytes, request.body.subarray(cut)]));
  }),
  integer({ min: 200, max: 30_000 }).map(
    (depth): Change =>
      (request) =>
        withBytes(
          request,
          Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(depth)}${']'.repeat(depth)}}`),
        ),
  ),
  constantFrom('\uFEFF', ' ', '\n', '\u0000').map(
    (before): Change =>
      (request) =>
        withBytes(request, Buffer.concat([Buffer.from(before), request.body])),
  ),
);

function withBytes(request: FuzzRequest, body: Buffer): FuzzRequest {
  return { ...request, body, json: parse(body) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
