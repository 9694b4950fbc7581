import { cutText } from '../../core/text/cut-text.js';
import type { Json, JsonObject } from '../../core/json.js';

/**
 * How much of what runs gave is shown in one answer of a tool: hosts cut answers off, or refuse them, from some 25,000
 * tokens on. Characters of JSON. A resource has what is left out.
 */
export const OUTPUT_LIMITS = {
  /** An output that is shown whole. */
  whole: 20_000,
  /** The same for the output of one node, and for those of all nodes together. */
  node: 5_000,
  nodes: 20_000,
  /** What is shown of an output that is cut. */
  cut: 2_000,
  /** An output that is shown in the text as well as in the structure. */
  text: 4_000,
  /** What all things in a list say of themselves: findings, summaries, descriptions. */
  words: 20_000,
} as const;

/** How many characters each of so many things in one answer may say of itself. */
export function shareWords(count: number): number {
  return Math.floor(OUTPUT_LIMITS.words / Math.max(1, count));
}

/** Where what was cut can be read whole. */
const RUN_RESOURCE = 'errand://runs/run_';

/** `id`: the bare UUID. */
export function runUri(id: string): string {
  return RUN_RESOURCE + id;
}

export function nodeUri(id: string, nodeId: string): string {
  return `${runUri(id)}/nodes/${encodeURIComponent(nodeId)}`;
}

/** The beginning of the JSON of an output that is too long. */
export interface OutputCut extends JsonObject {
  readonly text: string;
  readonly shown_characters: number;
  readonly total_characters: number;
  readonly resource: string;
}

/** Null for an output that may be shown whole: one of at most `most` characters. */
export function cutOutput(
  json: string,
  { most, resource }: { readonly most: number; readonly resource: string },
): OutputCut | null {
  if (json.length <= most) return null;
  const text = cutText(json, Math.min(most, OUTPUT_LIMITS.cut));
  return { text, shown_characters: text.length, total_characters: json.length, resource };
}

/** An output under `output`; or, when it is too long, its beginning under `output_cut`. `size`: how much is shown. */
export function outputFields(
  output: Json,
  limits: { readonly most: number; readonly resource: string },
): { readonly fields: JsonObject; readonly size: number } {
  const json = JSON.stringify(output);
  const cut = cutOutput(json, limits);
  return cut === null
    ? { fields: { output }, size: json.length }
    : { fields: { output_cut: cut }, size: cut.shown_characters };
}

/** An output as a line of text, for those who see texts only: the beginning of one that is long. */
export function outputText(json: string, resource: string): string {
  if (json.length <= OUTPUT_LIMITS.text) return `Output: ${json}`;
  const shown = cutText(json, OUTPUT_LIMITS.text);
  return `Output, the first ${shown.length} of ${json.length} characters (all of it: ${resource}): ${shown}`;
}
