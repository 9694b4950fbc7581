import { errorMessage } from '../../core/errors.js';
import { noteJsonLength } from '../../core/json-length.js';
import { isDeeperThan, type Json } from '../../core/json.js';
import { NestedTooDeep } from '../../core/large-json/json-pieces.js';
import { wellFormedInTurns } from '../../core/large-json/well-formed-in-turns.js';
import { JsonTooLong, mayHoldHalves, measureInTurns } from '../../core/large-json/write-in-turns.js';
import { isLittle, toPlainJson, toPlainJsonInTurns, TooManyValues } from '../schema/plain-json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';

/**
 * What a node's work returned, as JSON of its own: later changes to the original do not reach it. At once where there
 * is little of it. Throws, or rejects with, a NodeFailure of kind `invalid_output` for what JSON cannot carry, and of
 * kind `output_too_large`.
 */
export function toJson(value: unknown): Json | Promise<Json> {
  if (!isLittle(value)) return toJsonInTurns(value);
  const json = asFailure(() => toPlainJson(value));
  if (typeof json === 'string') checkLength(json.length);
  else if (typeof json === 'object' && json !== null) checkLength(JSON.stringify(json).length);
  return json;
}

/** Getters and `toJSON` of others' objects may throw anything. */
function asFailure<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw notJson(thrown);
  }
}

async function toJsonInTurns(value: unknown): Promise<Json> {
  let json: Json;
  try {
    json = await toPlainJsonInTurns(value);
  } catch (thrown) {
    throw notJson(thrown);
  }
  return assertSize(json);
}

/** The same for a value that templates have made, or others of Errand: it is JSON, and nobody changes it. */
export function assertSize(value: Json): Json | Promise<Json> {
  if (!isLittle(value)) return assertSizeInTurns(value);
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  const text = asFailure(() => JSON.stringify(value));
  checkLength(text.length);
  checkDepth(value, text.length);
  return mayHoldHalves(text) ? toPlainJson(value) : value;
}

async function assertSizeInTurns(value: Json): Promise<Json> {
  if (typeof value === 'string') {
    checkLength(value.length);
    return wellFormedInTurns(value);
  }
  let measured: Awaited<ReturnType<typeof measureInTurns>>;
  try {
    measured = await measureInTurns(value, { maxDepth: PAYLOAD_LIMITS.depth, maxLength: PAYLOAD_LIMITS.output });
  } catch (thrown) {
    if (thrown instanceof JsonTooLong) throw tooLong(`more than ${PAYLOAD_LIMITS.output}`);
    throw thrown instanceof NestedTooDeep ? tooDeep() : notJson(thrown);
  }
  if (typeof value === 'object' && value !== null) noteJsonLength(value, measured.length);
  return measured.mayHoldHalves ? toPlainJsonInTurns(value) : value;
}

function notJson(thrown: unknown): NodeFailure {
  if (thrown instanceof TooManyValues) return failTooLarge(`The output is too large: ${thrown.message}.`);
  return new NodeFailure(`The output is not JSON: ${errorMessage(thrown)}`, {
    kind: 'invalid_output',
    retryable: false,
  });
}

/** Values nested deeper are refused: what walks them later (validation, serialization) is recursive. */
function checkDepth(value: Json, length: number): void {
  const { depth } = PAYLOAD_LIMITS;
  // A value of depth n takes at least 2n characters, so short ones, the common case, need no walk.
  if (length > 2 * depth && isDeeperThan(value, depth)) throw tooDeep();
}

function tooDeep(): NodeFailure {
  const message = `The output is nested more than ${PAYLOAD_LIMITS.depth} levels deep. Return it flatter, or as text.`;
  return new NodeFailure(message, { kind: 'invalid_output', retryable: false });
}

function checkLength(length: number): void {
  if (length > PAYLOAD_LIMITS.output) throw tooLong(String(length));
}

function tooLong(length: string): NodeFailure {
  return failTooLarge(`The output is ${length} characters of JSON; at most ${PAYLOAD_LIMITS.output} are kept.`);
}

function failTooLarge(told: string): NodeFailure {
  const message = `${told} Return less, or a reference to where it is.`;
  return new NodeFailure(message, { kind: 'output_too_large', retryable: false });
}
