import { errorMessage } from '../../core/errors.js';
import { noteJsonLength } from '../../core/json-length.js';
import { isDeeperThan, type Json } from '../../core/json.js';
import { toPlainJson } from '../../workflow/plan/plain-json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';

/** What a node's work returned, as JSON of its own: later changes to the original do not reach it. Throws a NodeFailure of kind `invalid_output` for what JSON cannot carry. */
export function toJson(value: unknown): Json {
  const json = copyAsJson(value);
  if (typeof json !== 'object' || json === null) return checkLength(json, json);
  const text = JSON.stringify(json);
  noteJsonLength(json, text.length);
  return checkLength(json, text);
}

function copyAsJson(value: unknown): Json {
  try {
    return toPlainJson(value);
  } catch (thrown) {
    // Getters and `toJSON` of others' objects may throw anything.
    throw notJson(thrown);
  }
}

/** Throws a NodeFailure (`output_too_large`, `invalid_output`) for a value larger, or nested deeper, than is kept. */
export function assertSize(value: Json): Json {
  if (typeof value !== 'object' || value === null) return checkLength(value, value);
  const text = stringify(value);
  return checkDepth(checkLength(value, text), text.length);
}

function stringify(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    throw notJson(thrown); // nested too deep for it
  }
}

function notJson(thrown: unknown): NodeFailure {
  return new NodeFailure(`The output is not JSON: ${errorMessage(thrown)}`, {
    kind: 'invalid_output',
    retryable: false,
  });
}

/** Values nested deeper are refused: what walks them later (validation, serialization) is recursive. */
function checkDepth(value: Json, length: number): Json {
  const { depth } = PAYLOAD_LIMITS;
  // A value of depth n takes at least 2n characters, so short ones, the common case, need no walk.
  if (length <= 2 * depth || !isDeeperThan(value, depth)) return value;
  throw new NodeFailure(`The output is nested more than ${depth} levels deep. Return it flatter, or as text.`, {
    kind: 'invalid_output',
    retryable: false,
  });
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
