import { cutText } from '../../../core/text/cut-text.js';
import type { Json } from '../../../core/json.js';

/** How many characters of a tool's result a model is told. */
const MAX_RESULT_LENGTH = 32_000;

/** What is longer becomes a text, with a note of how much is missing. */
export function cutResult(output: Json): Json {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  if (text.length <= MAX_RESULT_LENGTH) return output;
  return `${cutText(text, MAX_RESULT_LENGTH)}\n[cut: these are the first ${MAX_RESULT_LENGTH} of ${text.length} characters]`;
}
