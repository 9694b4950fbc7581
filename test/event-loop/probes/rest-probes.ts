import type { AnyEndpoint } from '../../../src/api/endpoint.js';
import { placesOf, sampleOf } from '../hostile-json.js';
import type { Probe } from '../measured-server.js';
import { HEAD_BYTES, HEAD_STRINGS, groupsOfPlaces, shareOf, type Known, type ProbeGroup } from './probe-groups.js';

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
  const queries = fields.flatMap((field, place) =>
    shareOf(HEAD_STRINGS, place).map((text) =>
      probe(`?${field}=${text.slice(0, 9)}`, `${pathOf(endpoint, values)}?${field}=${encode(text)}`),
    ),
  );
  const repeated = [...fields, 'nobody_knows'].map((field) =>
    probe(
      `?${field} again and again`,
      `${pathOf(endpoint, values)}?${`${field}=1&`.repeat(HEAD_BYTES / (field.length + 3))}`,
    ),
  );
  const paths = inPath.flatMap((name, place) =>
    shareOf(HEAD_STRINGS, place).map((text) =>
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
