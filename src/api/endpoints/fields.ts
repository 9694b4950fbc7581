import type { JsonSchema } from '../../core/json.js';
import { MAX_METADATA, MAX_METADATA_VALUE, MAX_TAG, MAX_TAGS } from '../../core/search/labels.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { PRIORITIES } from '../../core/tenant/scheduling.js';
import { RUN_WEBHOOK_EVENTS, WEBHOOK_EVENTS } from '../../core/webhooks/webhook.js';
import type { QueryField } from '../endpoint.js';

/** An object with these properties and no others. */
export function closed(
  properties: { readonly [name: string]: JsonSchema },
  required: readonly string[] = [],
): JsonSchema {
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

export const IDEMPOTENCY_KEY: JsonSchema = { type: 'string', minLength: 1, maxLength: 200 };

/** Those of a callback. */
export const RUN_EVENTS: JsonSchema = { type: 'array', minItems: 1, items: { enum: RUN_WEBHOOK_EVENTS } };
export const EVENTS: JsonSchema = { type: 'array', minItems: 1, items: { enum: WEBHOOK_EVENTS } };

export const PRIORITY: JsonSchema = {
  anyOf: [{ enum: Object.keys(PRIORITIES) }, { type: 'integer', minimum: PRIORITIES.low, maximum: PRIORITIES.high }],
};

export const TAGS: JsonSchema = {
  type: 'array',
  maxItems: MAX_TAGS,
  items: { type: 'string', minLength: 1, maxLength: MAX_TAG },
};

export const METADATA: JsonSchema = {
  type: 'object',
  maxProperties: MAX_METADATA,
  additionalProperties: { type: 'string', minLength: 1, maxLength: MAX_METADATA_VALUE },
};

/** Names another organization than the key's own; for operators. */
export interface InOrganization {
  readonly organization?: string;
}

export const TEXT: QueryField = { kind: 'text' };
export const TEXTS: QueryField = { kind: 'texts' };

/** How many at most. */
export function pageLimit(max: number, otherwise: number): QueryField {
  return { kind: 'integer', min: 1, max, default: otherwise };
}

/** How many are left out. `beyond` says how to get at what lies further on. */
export function offsetUpTo(beyond: string): QueryField {
  return { kind: 'integer', min: 0, max: PAYLOAD_LIMITS.offset, default: 0, beyond };
}

/** A sequence number: what comes after it. */
export const AFTER: QueryField = { kind: 'integer', min: 0, max: null, default: 0 };

/** Runs that one call starts. */
export const MAX_BATCH_RUNS = 1_000;

/** Hosts cut requests off after 30 seconds; an answer must be out before. */
export const MAX_WAIT_SECONDS = 25;
