import { isJsonObject, type Json } from '../json.js';
import type { RunLabels } from './labels.js';

/** What a run is found by, in an index: `tag=nightly`, `metadata.region=eu`, `input.customer.id=17`, `output.grade=A`. */
export type RunTerm = string;

/** Fields that a workflow declares as searchable. */
export const MAX_SEARCHABLE = 20;
/** A field of a run's input or output, by the names of the properties that lead there. */
export const SEARCHABLE_PATH = /^(input|output)(\.[A-Za-z0-9_$-]{1,100}){1,8}$/;
/** Characters. A longer value is not found. */
export const MAX_FOUND_VALUE = 200;

/** The beginning of all terms that come of a run's end. */
export const OUTCOME_TERMS = 'output.';
/** What comes after all of them. */
export const AFTER_OUTCOME_TERMS = 'output/';

export const tagTerm = (tag: string): RunTerm => `tag=${tag}`;
export const metadataTerm = (name: string, value: string): RunTerm => `metadata.${name}=${value}`;
export const fieldTerm = (path: string, value: string): RunTerm => `${path}=${value}`;

const NONE: readonly RunTerm[] = [];

/** Those of a run that begins. */
export function startTerms(
  { tags, metadata }: RunLabels,
  { input, searchable }: { readonly input: Json; readonly searchable: readonly string[] },
): readonly RunTerm[] {
  if (tags === undefined && metadata === undefined && searchable.length === 0) return NONE;
  return [
    ...(tags ?? []).map(tagTerm),
    ...Object.entries(metadata ?? {}).map(([name, value]) => metadataTerm(name, value)),
    ...fieldTerms('input', input, searchable),
  ];
}

/** Those of a run that has come to an output. */
export function outcomeTerms(output: Json, searchable: readonly string[]): readonly RunTerm[] {
  return searchable.length === 0 ? NONE : fieldTerms('output', output, searchable);
}

function fieldTerms(root: 'input' | 'output', value: Json, searchable: readonly string[]): RunTerm[] {
  return searchable.flatMap((path) => {
    const [first, ...names] = path.split('.');
    const found = first === root ? textOf(valueAt(value, names)) : null;
    return found === null ? [] : [fieldTerm(path, found)];
  });
}

function valueAt(value: Json, names: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const name of names) {
    if (at === undefined || !isJsonObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** Null for what is nobody's to look for: lists, objects, null, and long texts. */
function textOf(value: Json | undefined): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.length <= MAX_FOUND_VALUE ? value : null;
}
