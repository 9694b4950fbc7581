import type { Json } from '../../core/json.js';

/** How many characters of a tool's result a model is told. */
const LONGEST_RESULT = 32_000;

/** What is longer becomes a text, with a note of how much is missing. */
export function cutResult(output: Json): Json {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  if (text.length <= LONGEST_RESULT) return output;
  return `${text.slice(0, LONGEST_RESULT)}\n[cut: these are the first ${LONGEST_RESULT} of ${text.length} characters]`;
}
