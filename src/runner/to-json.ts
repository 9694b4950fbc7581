import { errorMessage } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { PAYLOAD_LIMITS } from '../core/payload-limits.js';
import { NodeFailure } from '../core/node-kind.js';

/** What a node's work returned, as JSON of its own: later changes to the original do not reach it. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return checkLength(value, value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new NodeFailure(`The output is not JSON: ${errorMessage(error)}`, {
      kind: 'invalid_output',
      retryable: false,
    });
  }
  if (text === undefined) return null;
  return checkLength(JSON.parse(text) as Json, text);
}

function checkLength(value: Json, text: unknown): Json {
  if (typeof text === 'string' && text.length > PAYLOAD_LIMITS.output) {
    throw new NodeFailure(
      `The output is ${text.length} characters of JSON; at most ${PAYLOAD_LIMITS.output} are kept. Return less, or a reference to where it is.`,
      { kind: 'output_too_large', retryable: false },
    );
  }
  return value;
}

/** Throws a NodeFailure of kind `output_too_large` for a value that is. */
export function assertSize(value: Json): Json {
  return checkLength(value, typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
}
