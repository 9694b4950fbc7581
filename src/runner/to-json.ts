import { errorMessage } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { NodeFailure } from '../core/node-kind.js';

/** The largest output of one node, as JSON text: 8 MiB. */
export const MAX_OUTPUT_LENGTH = 8 * 1024 * 1024;

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
  if (typeof text === 'string' && text.length > MAX_OUTPUT_LENGTH) {
    throw new NodeFailure(
      `The output is ${text.length} characters of JSON; at most ${MAX_OUTPUT_LENGTH} are kept. Return less, or a reference to where it is.`,
      { kind: 'output_too_large', retryable: false },
    );
  }
  return value;
}
