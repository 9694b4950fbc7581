import { cutText } from '../../../core/text/cut-text.js';
import type { Json, JsonObject } from '../../../core/json.js';

/** Characters of JSON that a run's output may have to be shown whole in a status answer. */
export const MAX_OUTPUT = 50_000;
/** The same for the output of one node, and for those of all nodes together. */
export const MAX_NODE_OUTPUT = 10_000;
export const MAX_NODE_OUTPUTS = 100_000;
/** How much is shown of what is cut. */
const SHOWN_OF_CUT = 2_000;

/** A value under `output`; or, when its JSON is longer than `most`, its beginning as text under `output_cut`. */
export function outputFields(output: Json, most: number): { readonly fields: JsonObject; readonly size: number } {
  const json = JSON.stringify(output);
  if (json.length <= most) return { fields: { output }, size: json.length };
  const shown = Math.min(most, SHOWN_OF_CUT);
  const text = cutText(json, shown);
  return {
    fields: { output_cut: { text, shown_characters: text.length, total_characters: json.length } },
    size: text.length,
  };
}
