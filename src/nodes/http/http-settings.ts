import type { JsonSchema } from '../../core/json.js';
import { HOST_RANGES, type HostRange } from '../../core/ports/outbound.js';

/** What `with` of an `http` node holds, templates evaluated. A null counts as not given. */
export interface HttpSettings {
  readonly url: string;
  readonly method?: string | null;
  readonly headers?: { readonly [name: string]: string | number | boolean | null } | null;
  readonly query?: { readonly [name: string]: QueryValue | readonly QueryValue[] } | null;
  readonly body?: unknown;
  readonly expect_status?: StatusRange | readonly StatusRange[] | null;
  readonly response?: 'json' | 'text' | 'auto' | null;
  readonly max_bytes?: number | null;
  readonly follow_redirects?: boolean | null;
  readonly hosts?: HostRange | null;
}

export type QueryValue = string | number | boolean | null;
/** `404`, `'404'` or `'200-299'`. */
export type StatusRange = number | string;

const status: JsonSchema = {
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599 },
    { type: 'string', pattern: '^[1-5]\\d\\d(-[1-5]\\d\\d)?$' },
  ],
};
const queryValue: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

export const httpSettingsSchema: JsonSchema = {
  type: 'object',
  required: ['url'],
  properties: {
    url: { type: 'string', minLength: 1 },
    method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', null] },
    headers: {
      type: ['object', 'null'],
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    },
    query: {
      type: ['object', 'null'],
      additionalProperties: { anyOf: [queryValue, { type: 'array', items: queryValue }] },
    },
    body: {},
    expect_status: {
      anyOf: [...(status['anyOf'] as JsonSchema[]), { type: 'array', items: status, minItems: 1 }, { type: 'null' }],
    },
    response: { enum: ['json', 'text', 'auto', null] },
    max_bytes: { type: ['integer', 'null'], minimum: 1, maximum: 67_108_864 },
    follow_redirects: { type: ['boolean', 'null'] },
    hosts: { enum: [...HOST_RANGES, null] },
  },
  additionalProperties: false,
};
