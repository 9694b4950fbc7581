import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AnyEndpoint } from '../../src/api/endpoint.js';
import type { JsonObject } from '../../src/core/json.js';
import { KEY } from '../support/server/server-process.js';
import {
  fill,
  hostileStrings,
  hostileStructures,
  placesOf,
  sampleOf,
  type HostileText,
  type Place,
} from './hostile-json.js';
import type { HttpRequest, MeasuredServer, Probe } from './measured-server.js';

/**
 * Probes that belong together: they are sent one after the other, and measured together unless one of them is too slow.
 */
export interface ProbeGroup {
  readonly name: string;
  readonly probes: readonly Probe[];
}

/** What there is to ask about. */
export interface Known {
  /** Of a run that has ended, with a large output; bare. */
  readonly runId: string;
  /** Of a run with a large log; bare. */
  readonly longLogId: string;
  /** Of a run that asks; bare. */
  readonly askingId: string;
}

/** Just below the largest body, with room for what is around a value. */
const BODY_BYTES = 1_048_576 - 1_500;
/** Just below the largest head, with room for its other fields. */
const HEAD_BYTES = 15_000;

const STRUCTURES = hostileStructures(BODY_BYTES);
const STRINGS = hostileStrings(BODY_BYTES);
/** Of each sort one: for places that are read like many others. */
const FEW = [...STRUCTURES, ...STRINGS].filter(({ name }) =>
  [
    'a list of objects with two names of their own each',
    'an object of unknown names',
    'more different names than are let in',
    'blanks and a letter',
    'JSON in a text, objects',
  ].includes(name),
);

function textsFor({ isText }: Place): readonly HostileText[] {
  return isText ? [...FEW, ...STRINGS] : FEW;
}

/** For places in a head. */
const HEAD_STRINGS: readonly string[] = hostileStrings(HEAD_BYTES).map(({ text }) => text.toString().slice(1, -1));

function bodyProbe(name: string, request: Omit<HttpRequest, 'body'>, body: readonly Buffer[]): Probe {
  return { name, send: async (server) => void (await server.send({ ...request, body })) };
}

/** A request for each of these places and each text that may stand there. */
function groupsOfPlaces(
  name: string,
  request: Omit<HttpRequest, 'body'>,
  places: readonly Place[],
): readonly ProbeGroup[] {
  return places.map((place) => ({
    name: `${name} at ${place.pointer}`,
    probes: textsFor(place).map(({ name: text, text: hostile }) =>
      bodyProbe(text, request, [place.before, hostile, place.behind]),
    ),
  }));
}

// REST

export function endpointGroups(endpoints: readonly AnyEndpoint[], known: Known): readonly ProbeGroup[] {
  return endpoints.flatMap((endpoint) => [
    ...bodyGroups(endpoint, known),
    parameterGroup(endpoint, known),
    ...runGroups(endpoint, known),
  ]);
}

const PATH_VALUES = (known: Known): { readonly [name: string]: string } => ({
  id: `run_${known.askingId}`,
  node: 'ask',
  slug: 'x',
  provider: 'openai',
});

function pathOf({ path }: AnyEndpoint, values: { readonly [name: string]: string }): string {
  return `/api/v1${path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? 'x'))}`;
}

function bodyGroups(endpoint: AnyEndpoint, known: Known): readonly ProbeGroup[] {
  const { method, body } = endpoint;
  if (body === null) return [];
  const sample = sampleOf(body, { workflow_id: 'nothing', wait_seconds: 0, organization: 'default' });
  const request = { method, path: pathOf(endpoint, PATH_VALUES(known)) };
  return groupsOfPlaces(`${method} ${endpoint.path}`, request, placesOf(sample));
}

/** The query and the path, each field with each text. */
function parameterGroup(endpoint: AnyEndpoint, known: Known): ProbeGroup {
  const { method, path, query } = endpoint;
  const values = PATH_VALUES(known);
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
  const fields = Object.keys(query);
  const probe = (name: string, target: string): Probe => ({
    name,
    send: async (server) =>
      void (await server.send({ method, path: target, ...(method === 'GET' ? {} : { body: [] }) })),
  });
  const queries = fields.flatMap((field) =>
    HEAD_STRINGS.map((text) =>
      probe(`?${field}=${text.slice(0, 9)}`, `${pathOf(endpoint, values)}?${field}=${encode(text)}`),
    ),
  );
  const repeated = [...fields, 'nobody_knows'].map((field) =>
    probe(
      `?${field} again and again`,
      `${pathOf(endpoint, values)}?${`${field}=1&`.repeat(HEAD_BYTES / (field.length + 3))}`,
    ),
  );
  const paths = inPath.flatMap((name) =>
    HEAD_STRINGS.map((text) =>
      probe(`:${name} ${text.slice(0, 9)}`, pathOf(endpoint, { ...values, [name]: text.slice(0, HEAD_BYTES / 3) })),
    ),
  );
  return { name: `${method} ${path}, query and path`, probes: [...queries, ...repeated, ...paths] };
}

function encode(text: string): string {
  return encodeURIComponent(text).slice(0, HEAD_BYTES);
}

/** What is read of runs with large outputs and logs. */
function runGroups(endpoint: AnyEndpoint, known: Known): readonly ProbeGroup[] {
  const { method, path } = endpoint;
  if (method !== 'GET') return [];
  const of = (id: string, query: string, accept = 'application/json'): Probe => ({
    name: `${query} ${accept}`,
    send: async (server) =>
      void (await server.send({
        method,
        path: pathOf(endpoint, { ...PATH_VALUES(known), id: `run_${id}`, node: 'each' }) + query,
        headers: { accept },
      })),
  });
  const ids = path.includes('/runs/:id') ? [known.runId, known.longLogId] : [known.runId];
  const probes = ids.flatMap((id) => [
    of(id, ''),
    of(id, '?limit=1'),
    of(id, '?limit=1&after=3'),
    of(id, '?limit=1000'),
    of(id, '?limit=100&offset=0'),
    ...(endpoint.streams === true ? [of(id, '', 'text/event-stream')] : []),
  ]);
  return [{ name: `${method} ${path}, of large records`, probes }];
}

/**
 * Inputs that begin runs, which give them back: what is measured is their whole way, until they have ended and are read
 * again.
 */
export function runsOf(workflow: string): ProbeGroup {
  const probes = [...STRUCTURES, ...STRINGS].map((hostile) => ({
    name: hostile.name,
    send: async (server: MeasuredServer) => {
      const begin = Buffer.from(`{"workflow_id":"${workflow}","wait_seconds":20,"input":`);
      const { text } = await server.send({
        method: 'POST',
        path: '/api/v1/runs',
        body: [begin, hostile.text, Buffer.from('}')],
      });
      const id = /"run_id":"([^"]+)"/.exec(text.slice(0, 500))?.[1];
      if (id === undefined) return;
      await server.send({ method: 'GET', path: `/api/v1/runs/${id}` });
      await server.send({ method: 'GET', path: `/api/v1/runs/${id}/events` });
    },
  }));
  return { name: `a run of ${workflow} with its input`, probes };
}

/** What is let in by its size and depth. */
const FORMS = STRUCTURES.filter(({ name }) => /^an? (list|object) of /.test(name));
/** Within the bounds of values and names, whatever an item is. */
const MAX_FITTING = 7_000;

/** Inputs for each form that the schema of `forms` knows, some that fit and some that nearly do. */
export function formGroups(properties: JsonObject): readonly ProbeGroup[] {
  const request = { method: 'POST', path: '/api/v1/runs' };
  return Object.entries(properties).map(([name, schema]) => {
    const before = Buffer.from(`{"workflow_id":"forms","input":{"${name}":`);
    const behind = Buffer.from('}}');
    const unit = JSON.stringify(sampleOf(schema));
    const isText = unit.startsWith('"');
    const items = unit.startsWith('[') ? unit.slice(1, -1) : unit;
    const fitting = Buffer.from(fill(BODY_BYTES, () => items, { most: MAX_FITTING }));
    const texts = isText ? STRINGS : [...FORMS, { name: `${items} again and again`, text: fitting }];
    return {
      name: `an input for ${name}`,
      probes: texts.map((hostile) => bodyProbe(hostile.name, request, [before, hostile.text, behind])),
    };
  });
}

// MCP

const PREFIX = 'io.modelcontextprotocol/';
export const STATELESS = '2026-07-28';

export interface McpCall {
  readonly path: string;
  readonly revision: string;
  readonly method: string;
  readonly params: JsonObject;
}

/** The message of a call, and its headers, as a client of its revision sends them. */
function messageOf({ path, revision, method, params }: McpCall): {
  readonly request: Omit<HttpRequest, 'body'>;
  readonly message: JsonObject;
} {
  const stateless = revision === STATELESS;
  const meta = {
    [`${PREFIX}protocolVersion`]: revision,
    [`${PREFIX}clientInfo`]: { name: 'c', version: '1' },
    [`${PREFIX}clientCapabilities`]: { elicitation: {}, extensions: { [`${PREFIX}tasks`]: {} } },
  };
  const named = params['name'] ?? params['uri'] ?? params['taskId'];
  return {
    request: {
      method: 'POST',
      path,
      headers: {
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': revision,
        ...(stateless ? { 'mcp-method': method } : {}),
        ...(stateless && typeof named === 'string' ? { 'mcp-name': named } : {}),
      },
    },
    message: { jsonrpc: '2.0', id: 1, method, params: stateless ? { ...params, _meta: meta } : params },
  };
}

/** Each place of the call's params; with `whole`, of all that is around them, too. */
export function mcpGroups(call: McpCall, { whole = false }: { readonly whole?: boolean } = {}): readonly ProbeGroup[] {
  const { request, message } = messageOf(call);
  const tool = call.method === 'tools/call' ? ` ${JSON.stringify(call.params['name'])}` : '';
  const places = placesOf(message).filter(
    ({ pointer }) => whole || (pointer.startsWith('/params/') && !pointer.startsWith('/params/_meta')),
  );
  return groupsOfPlaces(`${call.path} ${call.revision} ${call.method}${tool}`, request, places);
}

/** The call as it is, and as many of it in a batch as there may be, where the revision has batches. */
export function plainGroup(call: McpCall): ProbeGroup {
  const { request, message } = messageOf(call);
  const text = JSON.stringify(message);
  const one = bodyProbe('alone', request, [Buffer.from(text)]);
  const room = Math.floor(BODY_BYTES / 100) - text.length - 10;
  const padded = JSON.stringify({ ...message, params: { ...call.params, padding: 'x'.repeat(Math.max(0, room)) } });
  const batch = bodyProbe(
    'a hundred',
    { ...request, headers: { ...request.headers, 'mcp-protocol-version': '2025-03-26' } },
    [Buffer.from(`[${Array.from({ length: 100 }, () => padded).join(',')}]`)],
  );
  return { name: `${call.path} ${call.revision} ${call.method}`, probes: [one, batch] };
}

// Heads

const HEADERS = [
  'Accept',
  'Authorization',
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'Cookie',
  'Expect',
  'Forwarded',
  'Host',
  'Idempotency-Key',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Param-Name',
  'MCP-Protocol-Version',
  'Origin',
  'Range',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
  'X-Forwarded-For',
  'X-Nobody-Knows',
] as const;

/** Heads as bytes: each header, each part of the request line, on each way that requests go. */
export function headGroups(paths: readonly string[]): readonly ProbeGroup[] {
  return paths.flatMap((path) => [
    ...HEADERS.map((name) => ({ name: `the header ${name} of ${path}`, probes: headerProbes(path, name) })),
    { name: `the head of ${path}`, probes: wholeHeadProbes(path) },
  ]);
}

const HEAD_SIZES = [HEAD_BYTES, 60_000];

function headerProbes(path: string, name: string): readonly Probe[] {
  const unescaped = HEAD_STRINGS.map((text) => text.replaceAll(/\\./g, ' '));
  const values = unescaped.flatMap((text) => [
    text,
    `Bearer ${text}`,
    `application/json;${text}`,
    `http://${text}`,
    `${text}\u0001`,
  ]);
  const long = HEAD_SIZES.flatMap((size) => [
    `${' '.repeat(size)}\u0001`,
    `${'\t'.repeat(size)}x`,
    `${'a'.repeat(size)}\u0001`,
  ]);
  return [...values, ...long].map((value) => rawProbe(`${value.slice(0, 20)}…`, headOf(path, `${name}:${value}`)));
}

function headOf(path: string, ...lines: readonly string[]): string {
  const usual = [
    'Host: localhost',
    `Authorization: Bearer ${KEY}`,
    'Content-Type: application/json',
    'Content-Length: 2',
  ];
  const kept = usual.filter(
    (line) => !lines.some((own) => own.toLowerCase().startsWith(line.slice(0, 9).toLowerCase())),
  );
  return [`POST ${path} HTTP/1.1`, ...kept, ...lines, '', '{}'].join('\r\n');
}

function wholeHeadProbes(path: string): readonly Probe[] {
  const probes: Probe[] = [];
  for (const size of HEAD_SIZES) {
    const many = Array.from({ length: size / 12 }, (_, index) => `x${index}: ${index}`);
    const heads = {
      'many headers': headOf(path, ...many),
      'one header again and again': headOf(path, ...many.map(() => 'x: y')),
      'empty lines': headOf(path, ...many.map(() => '')),
      'blanks in the request line': headOf(path).replace('POST ', `POST${' '.repeat(size)}`),
      'a long method': headOf(path).replace('POST', 'P'.repeat(size)),
      'a long path': headOf(`${path}${'/a'.repeat(size / 2)}`),
      'dots in the path': headOf(`${path}${'/..'.repeat(size / 3)}`),
      'escapes in the path': headOf(`${path}/${'%2f'.repeat(size / 3)}`),
      'escapes that are cut': headOf(`${path}/${'%'.repeat(size)}`),
      'a long query': headOf(`${path}?${'a=1&'.repeat(size / 4)}`),
      'blanks without an end': `POST ${path} HTTP/1.1\r\nx:${' '.repeat(size)}`,
      'returns without lines': `POST ${path} HTTP/1.1\r\n${'\r'.repeat(size)}`,
      'lines without returns': `POST ${path} HTTP/1.1\n${'x: y\n'.repeat(size / 5)}\n`,
      'requests one behind the other': headOf(path).repeat(Math.ceil(size / headOf(path).length)),
    };
    for (const [name, head] of Object.entries(heads)) probes.push(rawProbe(`${name}, ${size}`, head));
  }
  return probes;
}

function rawProbe(name: string, head: string): Probe {
  const bytes = Buffer.from(head, 'latin1');
  return { name, send: (server) => server.sendRaw(bytes) };
}

// Services

/** Runs that ask a service, which answers with what stands at `url` followed by a number: each of these. */
export function serviceGroup(url: string, answers: readonly HostileText[]): ProbeGroup {
  const probes = answers.map(({ name }, index) =>
    runProbe(name, { workflow_id: 'asks_service', input: { url: `${url}/${index}` } }),
  );
  return { name: 'the answer of a service', probes };
}

/** Runs that come to much: one long text, many that are long together, a map of many items. */
export function growthGroup(): ProbeGroup {
  const sizes = [
    [8_000_000, 0],
    [300_000, 100],
    [100, 20_000],
  ] as const;
  const probes = sizes.map(([size, items]) =>
    runProbe(`${size} letters in ${items} items`, { workflow_id: 'grows', input: { size, items } }),
  );
  return { name: 'a run that grows', probes };
}

/** A file with a long workflow, which the server has read when it knows its name. */
export function folderGroup(workflows: string): ProbeGroup {
  let count = 0;
  const send = async (server: MeasuredServer): Promise<void> => {
    const name = `Chain ${(count += 1)}`;
    writeFileSync(join(workflows, 'chain.yaml'), chainOf(3_000, name));
    const isThere = async (): Promise<boolean> => (await server.json('GET', '/workflows/chain'))['name'] === name;
    while (!(await isThere())) await setTimeout(50);
  };
  return { name: 'the folder', probes: [{ name: 'a chain of nodes', send }] };
}

function chainOf(length: number, name: string): string {
  const nodes = Array.from({ length }, (_, index) => {
    const before = index === 0 ? 'x' : `'{{ nodes.n${index - 1}.output.text }}'`;
    const needs = index === 0 ? '' : `\n    needs: [n${index - 1}]`;
    return `  - id: n${index}\n    kind: transform\n    with: { text: '{{ input.x & "${index}" }}', before: ${before} }${needs}\n`;
  });
  return `id: chain\nname: ${name}\ndescription: One node after the other.\nnodes:\n${nodes.join('')}`;
}

/** Starts a run, waits for its end, and looks at it again. */
function runProbe(name: string, body: JsonObject): Probe {
  const path = '/api/v1/runs';
  const started = [Buffer.from(JSON.stringify({ ...body, wait_seconds: 25 }))];
  return {
    name,
    send: async (server) => {
      const { text } = await server.send({ method: 'POST', path, body: started });
      const id = /"run_id":"(\w+-[\w-]+)"/.exec(text.slice(0, 200))?.[1] ?? '';
      await server.send({ method: 'GET', path: `${path}/${id}` });
    },
  };
}
