import { isJsonObject, type Json } from '../../core/json.js';
import type { RunFile } from './run-file.js';

export interface Masking {
  /** Names of fields whose values are masked wherever they stand, in small or capital letters. */
  readonly fields: readonly string[];
  /** Whether everything is masked that callers, nodes and models have said. */
  readonly values: boolean;
}

/** Fields that hold what nobody means to hand on. */
const ALWAYS = [
  'password',
  'passwd',
  'secret',
  'token',
  'access_token',
  'refresh_token',
  'api_key',
  'apikey',
  'authorization',
  'cookie',
];

/** What runs and events say in the server's own words. */
const OWN_TEXTS: ReadonlySet<string> = new Set([
  'at',
  'by',
  'child_run_id',
  'completed_at',
  'created_at',
  'exported_at',
  'for',
  'format',
  'from_node',
  'id',
  'kind',
  'label',
  'model',
  'node_id',
  'parent_run_id',
  'reset',
  'resumed',
  'role',
  'run_id',
  'started_at',
  'status',
  'until',
  'waiting_for',
  'waiting_until',
  'workflow_id',
  'workflow_name',
]);
/** Under these, numbers too are somebody's. */
const VALUES: ReadonlySet<string> = new Set([
  'answer',
  'default',
  'input',
  'metadata',
  'outcome',
  'output',
  'result',
  'searchable',
]);

/** A copy in which what is not to be handed on is replaced by a word that says so. */
export function maskRunFile(file: RunFile, masking: Masking): RunFile {
  const names = new Set([...ALWAYS, ...masking.fields].map((name) => name.toLowerCase()));
  const masked = mask(file.runs as unknown as Json, { names, values: masking.values, isTheirs: false, key: '' });
  const told = [
    ...masking.fields.map((name) => `the values of fields named ${name}`),
    ...(masking.values ? ['everything that callers, nodes and models have said'] : []),
  ];
  return { ...file, left_out: [...file.left_out, ...told], runs: masked as unknown as RunFile['runs'] };
}

interface Place {
  readonly names: ReadonlySet<string>;
  readonly values: boolean;
  /** Whether the value is part of what somebody gave. */
  readonly isTheirs: boolean;
  /** The field that it stands in. */
  readonly key: string;
}

function mask(value: Json, place: Place): Json {
  if (Array.isArray(value)) return value.map((item) => mask(item, place));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [
        key,
        place.names.has(key.toLowerCase()) && field !== null
          ? '[masked]'
          : mask(field, { ...place, key, isTheirs: place.isTheirs || VALUES.has(key) }),
      ]),
    );
  }
  if (!place.values || value === null) return value;
  if (typeof value === 'string' && (place.isTheirs || !OWN_TEXTS.has(place.key)))
    return `[masked: ${value.length} characters]`;
  return place.isTheirs ? '[masked]' : value;
}
