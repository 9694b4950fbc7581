import { array, constantFrom, nat, oneof, record, string, type Arbitrary } from 'fast-check';
import type { QueryField } from '../../src/api/endpoint.js';
import { ENDPOINTS } from '../../src/api/endpoints/all.js';
import { type Example, EXAMPLES } from '../../src/api/openapi/examples.js';
import { bodyChange, bytesChange, type Change, headerChange } from './mutate.js';
import type { FuzzRequest } from './requests.js';

export type AnyEndpoint = (typeof ENDPOINTS)[number];

/** A call of an endpoint: as its example has it, or nearly so. */
export interface RestCall {
  readonly endpoint: AnyEndpoint;
  readonly request: FuzzRequest;
  /** Whether its path names something that cannot be there. */
  readonly isLost: boolean;
}

/** Ids of what is there, by the first part of a path: `schedules`. */
export type KnownIds = ReadonlyMap<string, readonly string[]>;

/** What says how much the server logs is left alone. */
const CALLED = ENDPOINTS.filter(({ name }) => name !== 'setLogLevel');

/** Where an example stands for what nobody can send as it is. */
const BODIES: { readonly [name: string]: unknown } = {
  setSecret: { value: 'a value that is long enough', keep_old: true },
  setHookSecret: { secret: 'a secret that is long enough' },
  setModelCredential: { key: 'sk-a-key-that-is-long-enough' },
  createHook: { workflow_id: 'enrich_contact', signature: { kind: 'github' }, secret: 'long enough for a secret' },
  answerNode: { answer: { email: 'ada@example.org' } },
};

const STRANGE_IDS = [
  '',
  ' ',
  '0',
  '-1',
  '%00',
  '__proto__',
  '..',
  'é',
  'run_0',
  'x'.repeat(3_000),
  '%zz',
  'a/b',
  '?',
  '#',
];
const IDS_AT_MOST = 5;

export function anyCalls(known: KnownIds, key: string): Arbitrary<RestCall> {
  const change: Arbitrary<Change> = oneof({ weight: 8, arbitrary: bodyChange }, { weight: 2, arbitrary: headerChange });
  return record({
    endpoint: constantFrom(...CALLED),
    at: nat(),
    strange: constantFrom(...Array<null>(12).fill(null), ...STRANGE_IDS),
    query: array(record({ at: nat(), value: nat(), text: string({ maxLength: 20 }) }), { maxLength: 3 }),
    changes: oneof(
      { weight: 1, arbitrary: constantFrom<readonly Change[]>([]) },
      { weight: 4, arbitrary: array(change, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: bytesChange.map((bytes) => [bytes]) },
    ),
  }).map(({ endpoint, at, strange, query, changes }) => {
    const { path, isLost } = fillPath(endpoint.path, { known, at, strange });
    const json = endpoint.body === null ? undefined : bodyOf(endpoint);
    const whole: FuzzRequest = {
      path: `/api/v1${path}${queryOf(endpoint, query)}`,
      method: endpoint.method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: Buffer.from(json === undefined ? '' : JSON.stringify(json)),
      json,
      intact: changes.length === 0,
    };
    let request = whole;
    // Without a body there is little to change.
    if (json !== undefined) for (const apply of changes) request = apply(request);
    return { endpoint, isLost, request };
  });
}

function bodyOf({ name }: AnyEndpoint): unknown {
  const { body } = (EXAMPLES as { readonly [name: string]: Example })[name] ?? { body: {} };
  return BODIES[name] ?? body ?? {};
}

function fillPath(
  path: string,
  { known, at, strange }: { readonly known: KnownIds; readonly at: number; readonly strange: string | null },
): { readonly path: string; readonly isLost: boolean } {
  const root = path.split('/')[1] ?? '';
  let isLost = false;
  const filled = path.replaceAll(/:\w+/g, (name) => {
    const ids = name === ':node' ? ['hello', 'ask'] : (known.get(root) ?? []).slice(-IDS_AT_MOST);
    const id = strange ?? ids[at % Math.max(1, ids.length)];
    isLost ||= id === undefined || strange !== null;
    return id ?? '1';
  });
  return { path: filled, isLost };
}

function queryOf(
  { query }: AnyEndpoint,
  given: readonly { readonly at: number; readonly value: number; readonly text: string }[],
): string {
  const names = Object.keys(query);
  if (names.length === 0) return '';
  const fields = given.map(({ at, value, text }): [string, string] => {
    const name = names[at % names.length] ?? '';
    return [name, valueOf(query[name], value, text)];
  });
  const text = new URLSearchParams(fields).toString();
  return text === '' ? '' : `?${text}`;
}

/** Mostly one that is right. */
function valueOf(field: QueryField | undefined, value: number, text: string): string {
  if (field === undefined || value % 4 === 0) return text;
  if (field.kind === 'integer') return String(value % 3 === 0 ? value : field.min + (value % 3));
  if (field.kind === 'choice' || field.kind === 'choices') return field.values[value % field.values.length] ?? '';
  return value % 2 === 0 ? text : '2026-11-29T00:00:00Z';
}
