import { estimateJsonLength, type Json, type JsonObject } from '../../../core/json.js';

/** Characters of JSON. */
const MAX_SHOWN_INPUT = 500;

/** The input of runs that something is to start, as its field; no field for a long one, of which a list shows many. */
export function shownInput(input: Json): JsonObject {
  return estimateJsonLength(input, MAX_SHOWN_INPUT) <= MAX_SHOWN_INPUT ? { input } : {};
}
