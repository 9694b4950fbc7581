import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { keysAround, type Place } from './enclosing-keys.js';
import {
  NAMING_KEYWORDS,
  SCHEMA_FIELDS,
  SCHEMA_FORMATS,
  SCHEMA_KEYWORDS,
  SCHEMA_TYPES,
  VALUE_KEYWORDS,
} from './schema-words.js';
import { CHOICES, KIND_FIELDS, NODE_FIELDS, WORKFLOW_FIELDS } from './words.js';

/** What may stand where the cursor is: fields, kinds of nodes, and the ids of nodes behind `needs`. */
export function completeDefinition({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const line = state.doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  const word = /[\w-]*$/.exec(before)?.[0] ?? '';
  if (word === '' && !explicit) return null;
  const lines = state.doc.toString().split('\n');
  const options = optionsAt(before.slice(0, before.length - word.length), { lines, place: line.number - 1 });
  // Behind a word that is whole, Enter is a new line.
  const others = options?.filter(({ label }) => label !== word) ?? [];
  return others.length === 0 ? null : { from: pos - word.length, options: others };
}

/** `before`: what stands in the line before the word. Null: nothing is known of that place. */
export function optionsAt(before: string, at: Place): readonly Completion[] | null {
  const inSchema = keysInSchema(keysAround(before, at));
  return inSchema === null ? optionsOfDefinition(before, at) : optionsOfSchema(before, inSchema);
}

/** Of the keys around a place, those within a JSON Schema; null where that is not in one. */
function keysInSchema(keys: readonly string[]): readonly string[] | null {
  const first = keys.findIndex((key) => key === 'with' || isSchemaField(key));
  return first < 0 || keys[first] === 'with' ? null : keys.slice(first + 1);
}

const isSchemaField = (key: string): boolean => SCHEMA_FIELDS.some((field) => field === key);

function optionsOfSchema(before: string, inside: readonly string[]): readonly Completion[] | null {
  // Names that the author chooses are no keywords, whatever they are.
  let isName = false;
  for (const key of inside) {
    if (!isName && VALUE_KEYWORDS.includes(key)) return null;
    isName = !isName && NAMING_KEYWORDS.includes(key);
  }
  if (isName) return null;
  const field = /([a-z]+):\s*$/.exec(before)?.[1];
  if (field === 'type') return SCHEMA_TYPES.map((label) => ({ label, type: 'enum' }));
  if (field === 'format') return SCHEMA_FORMATS.map((label) => ({ label, type: 'enum' }));
  return /^\s*(- )?$|[{,]\s*$/.test(before) ? fieldsOf(SCHEMA_KEYWORDS) : null;
}

function optionsOfDefinition(before: string, at: Place): readonly Completion[] | null {
  const field = /([a-z_]+):\s*$/.exec(before)?.[1] ?? '';
  const choices = CHOICES[field];
  if (choices !== undefined) return choices.map((label) => ({ label, type: 'enum' }));
  if (/needs:\s*\[[^\]]*$/.test(before)) return idsOf(at.lines).map((label) => ({ label, type: 'variable' }));
  if (/[{,]\s*$/.test(before)) return fieldsOf([...NODE_FIELDS, ...kindFields(kindIn(before))]);
  if (!/^\s*(- )?$/.test(before)) return null;
  if (before === '') return fieldsOf(WORKFLOW_FIELDS);
  return fieldsOf([...NODE_FIELDS, ...kindFields(kindOfNode(before.length, at))]);
}

function fieldsOf(names: readonly string[]): readonly Completion[] {
  return names.map((label) => ({ label, type: 'property', apply: `${label}: ` }));
}

function kindFields(kind: string | null): readonly string[] {
  return kind === null ? [] : (KIND_FIELDS[kind] ?? []);
}

function kindIn(text: string): string | null {
  return /\bkind:\s*([a-z]+)/.exec(text)?.[1] ?? null;
}

/** Of the node whose fields stand in this column: its lines are those around this one, from its dash on. */
function kindOfNode(column: number, { lines, place }: Place): string | null {
  const isOfNode = (text: string): boolean => text.trim() === '' || text.search(/\S/) >= column;
  let from = place;
  const startsHere = (text: string): boolean => text.slice(0, column).trimStart() === '- ';
  while (from > 0 && !startsHere(lines[from] ?? '') && isOfNode(lines[from - 1] ?? '')) from -= 1;
  if (from > 0 && !startsHere(lines[from] ?? '') && startsHere(lines[from - 1] ?? '')) from -= 1;
  for (let index = from; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (index > from && !isOfNode(text)) break;
    const kind = new RegExp(`^.{${column}}kind:\\s*([a-z]+)`).exec(text)?.[1];
    if (kind !== undefined) return kind;
  }
  return null;
}

function idsOf(lines: readonly string[]): readonly string[] {
  const ids = lines.flatMap((text) =>
    [...text.matchAll(/^\s*- (?:\{\s*)?id:\s*([a-z0-9_]+)/g)].map(([, id]) => id ?? ''),
  );
  return [...new Set(ids)];
}
