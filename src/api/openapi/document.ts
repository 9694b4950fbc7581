import type { ErrorCode } from '../../core/errors.js';
import type { Json, JsonObject, JsonSchema } from '../../core/json.js';
import { API_PREFIX, COMMON_ERRORS, type AnyEndpoint, type QueryField } from '../endpoint.js';
import { ENDPOINTS } from '../endpoints/all.js';
import { ANSWERS } from './answers.js';
import { EXAMPLE_RUN_ID, EXAMPLES, type Example } from './examples.js';
import { reference, SCHEMAS } from './schemas.js';
import { TEXT } from './shape.js';

interface DocumentParams {
  /** Where the server is reached, without a slash at the end. */
  readonly base: string;
  readonly version: string;
  /** The HTTP status of each error. */
  readonly statusOf: { readonly [code in ErrorCode]: number };
}

const INFO = {
  title: 'Errand',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  description:
    'The REST API of Errand. Every call needs a key: `Authorization: Bearer <key>`. Times are RFC 3339, UTC; absent values are null. ' +
    'Calls that make something take an `Idempotency-Key`, so that they can be repeated when their answer was lost.',
};

/** By the first segment of the path. */
const TAGS: { readonly [segment: string]: { readonly name: string; readonly description: string } } = {
  workflows: { name: 'Workflows', description: 'What can be run.' },
  runs: { name: 'Runs', description: 'Start runs, follow and steer them.' },
  schedules: { name: 'Schedules', description: 'What starts runs at times.' },
  webhooks: { name: 'Webhooks', description: 'What tells others of runs.' },
  hooks: { name: 'Hooks', description: 'What lets others start runs.' },
  events: { name: 'Events', description: 'What runs wait for.' },
  secrets: { name: 'Secrets', description: 'What workflows use and nobody sees.' },
  credits: { name: 'Credits', description: 'What an organization may use, and has used.' },
  keys: { name: 'Keys', description: 'API keys of an organization.' },
  grants: { name: 'Grants', description: 'What clients may do that people have signed in for.' },
  organizations: { name: 'Organizations', description: 'The tenants of a server.' },
  models: { name: 'Models', description: 'Models and the keys for their providers.' },
  audit: { name: 'Audit', description: 'Who changed what of an organization.' },
  system: { name: 'Server', description: 'What concerns all organizations, for who runs the server.' },
};
const TAG_OF: { readonly [segment: string]: string } = {
  'model-credentials': 'models',
  'bulk-jobs': 'runs',
  publications: 'workflows',
  drafts: 'workflows',
  overview: 'workflows',
  usage: 'models',
  limits: 'credits',
  'webhook-deliveries': 'webhooks',
  'log-level': 'system',
};

/** The REST API as OpenAPI 3.1, made of what the endpoints declare. */
export function openApiOf({ base, version, statusOf }: DocumentParams): JsonObject {
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const endpoint of ENDPOINTS) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint, statusOf) };
  }
  return {
    openapi: '3.1.0',
    info: { ...INFO, version },
    servers: [{ url: base + API_PREFIX }],
    tags: Object.values(TAGS),
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key: `sk_live_…`.' } },
      schemas: { Error: errorSchema(Object.keys(statusOf)), ...SCHEMAS },
    },
  };
}

function operationOf(endpoint: AnyEndpoint, statusOf: DocumentParams['statusOf']): JsonObject {
  const { name, method, path, summary, scope, body } = endpoint;
  const example = exampleOf(endpoint);
  const segment = path.split('/')[1] ?? '';
  return {
    operationId: name,
    summary,
    description: `Needs a key with the scope \`${scope}\`.`,
    tags: [TAGS[TAG_OF[segment] ?? segment]?.name ?? segment],
    parameters: [...pathParameters(path), ...queryParameters(endpoint), ...headers(endpoint)],
    ...(body === null ? {} : { requestBody: requestBody(body, example, method === 'POST') }),
    responses: responsesOf(endpoint, example, statusOf),
  };
}

function exampleOf({ name }: AnyEndpoint): Example {
  return (EXAMPLES as { readonly [name: string]: Example })[name] ?? { answer: null };
}

function answerOf({ name }: AnyEndpoint): JsonSchema | null {
  return (ANSWERS as { readonly [name: string]: JsonSchema | null })[name] ?? null;
}

const PATH_EXAMPLES: { readonly [name: string]: string } = { slug: 'acme', node: 'find', provider: 'openai' };

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const ofRun = path.startsWith('/runs/') && name === 'id';
    return {
      name,
      in: 'path',
      required: true,
      schema: TEXT,
      example: ofRun ? EXAMPLE_RUN_ID : (PATH_EXAMPLES[name] ?? name),
    };
  });
}

function queryParameters({ query }: AnyEndpoint): JsonObject[] {
  return Object.entries(query).map(([name, field]) => ({ name, in: 'query', schema: schemaOfField(field) }));
}

function schemaOfField(field: QueryField): JsonSchema {
  switch (field.kind) {
    case 'integer': {
      const { min, max } = field;
      const isGiven = field.default >= min;
      return {
        type: 'integer',
        minimum: min,
        ...(max === null ? {} : { maximum: max }),
        ...(isGiven ? { default: field.default } : {}),
      };
    }
    case 'choice':
      return { type: 'string', enum: field.values };
    case 'choices':
      return { type: 'array', items: { type: 'string', enum: field.values } };
    case 'text':
      return TEXT;
    case 'texts':
      return { type: 'array', items: TEXT };
  }
}

const IDEMPOTENCY: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key and body again give the answer of the first call.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};
const LAST_EVENT: JsonObject = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'Where a stream goes on: the sequence number of the last event that came.',
  schema: { type: 'integer', minimum: 0 },
};
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'startRun',
  'rerun',
  'retryRun',
  'createKey',
  'createSchedule',
  'startBulkJob',
  'createOrganization',
  'topUpCredits',
]);

function headers({ name, streams }: AnyEndpoint): JsonObject[] {
  return [...(IDEMPOTENT.has(name) ? [IDEMPOTENCY] : []), ...(streams === true ? [LAST_EVENT] : [])];
}

function requestBody(schema: JsonSchema, { body }: Example, mayBeAbsent: boolean): JsonObject {
  const needsNothing = mayBeAbsent && !Array.isArray(schema['required']);
  return { required: !needsNothing, content: jsonContent(schema, body as Json | undefined) };
}

function responsesOf(endpoint: AnyEndpoint, example: Example, statusOf: DocumentParams['statusOf']): JsonObject {
  const { statuses, errors, streams } = endpoint;
  const schema = answerOf(endpoint);
  const responses: { [status: string]: Json } = {};
  for (const status of statuses) {
    const content = schema === null || status === 204 ? {} : jsonContent(schema, example.answer as Json);
    const stream = streams === true && status === 200 ? EVENT_STREAM : {};
    const all = { ...content, ...stream };
    responses[status] = {
      description: DONE[status] ?? 'Done.',
      ...(Object.keys(all).length === 0 ? {} : { content: all }),
    };
  }
  const codes = [...COMMON_ERRORS, ...errors];
  for (const status of new Set(codes.map((code) => statusOf[code]))) {
    const among = codes.filter((code) => statusOf[code] === status);
    responses[status] = {
      description: among.map((code) => `\`${code}\``).join(', '),
      ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
      content: jsonContent(reference('Error')),
    };
  }
  return responses;
}

const DONE: { readonly [status: number]: string } = { 200: 'Done.', 201: 'Made.', 204: 'Done; there is no body.' };
const EVENT_STREAM: JsonObject = {
  'text/event-stream': {
    schema: { type: 'string', description: 'The same events, as server-sent events, until the run ends.' },
  },
};
const RETRY_AFTER: JsonObject = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };

function jsonContent(schema: JsonSchema, example?: Json): JsonObject {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } };
}

function errorSchema(codes: readonly string[]): JsonSchema {
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', enum: codes },
          message: { type: 'string', description: 'What is wrong, where, and what to do.' },
          problems: { type: 'array', items: reference('Problem') },
          faults: { type: 'array', items: reference('Fault') },
        },
      },
    },
  };
}
