import type { JsonSchema } from '../../core/json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { PRIORITIES } from '../../core/tenant/scheduling.js';
import { WEBHOOK_EVENTS } from '../../core/webhooks/webhook.js';
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

export const EVENTS: JsonSchema = { type: 'array', minItems: 1, items: { enum: WEBHOOK_EVENTS } };

export const PRIORITY: JsonSchema = {
  anyOf: [{ enum: Object.keys(PRIORITIES) }, { type: 'integer', minimum: PRIORITIES.low, maximum: PRIORITIES.high }],
};

/** Names another organization than the key's own; for operators. */
export interface InOrganization {
  readonly organization?: string;
}

export const TEXT: QueryField = { kind: 'text' };

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

/** Hosts cut requests off after 30 seconds; an answer must be out before. */
export const MAX_WAIT_SECONDS = 25;
