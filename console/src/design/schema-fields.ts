import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '@core/json.js';

/** One input of a form. */
export interface FormField {
  /** Of the property; empty when the form is for one value that is no object. */
  readonly name: string;
  readonly label: string;
  readonly description: string | null;
  readonly isRequired: boolean;
  readonly kind: 'text' | 'number' | 'boolean' | 'choice' | 'json';
  readonly choices: readonly Json[];
  readonly isLong: boolean;
  readonly fallback: Json | undefined;
}

/** What a text has to be longer than for a line of input to be too short for it. */
const LONG_TEXT = 120;

/** `whole`: what the value is called where the schema names no properties of it. */
export function toFields(schema: JsonSchema, whole: string): readonly FormField[] {
  const { properties, required: listed } = schema;
  if (!isJsonObject(properties)) return [toWholeField(schema, whole)];
  const required = Array.isArray(listed) ? listed : [];
  return Object.entries(properties).map(([name, property]) =>
    toField(name, isJsonObject(property) ? property : {}, required.includes(name)),
  );
}

function toWholeField(schema: JsonSchema, whole: string): FormField {
  const field = toField('', schema, true);
  const isObject = field.kind === 'json' && schema['type'] === 'object';
  return {
    ...field,
    label: field.label !== '' ? field.label : field.kind === 'json' ? `${whole} (JSON)` : whole,
    fallback: field.fallback ?? (isObject ? {} : undefined),
  };
}

function toField(name: string, schema: JsonObject, isRequired: boolean): FormField {
  const { title, description, maxLength, default: fallback } = schema;
  const choices = Array.isArray(schema['enum']) ? schema['enum'] : [];
  return {
    name,
    label: typeof title === 'string' ? title : name,
    description: typeof description === 'string' ? description : null,
    isRequired,
    kind: kindOf(schema, choices),
    choices,
    isLong: typeof maxLength === 'number' && maxLength > LONG_TEXT,
    fallback,
  };
}

function kindOf({ type }: JsonObject, choices: readonly Json[]): FormField['kind'] {
  if (choices.length > 0) return 'choice';
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'boolean' ? 'boolean' : 'json';
}

export function emptyTexts(
  fields: readonly FormField[],
  initial: Json | undefined,
): { readonly [name: string]: string } {
  return Object.fromEntries(
    fields.map((field) => {
      const given = field.name === '' ? initial : isJsonObject(initial) ? initial[field.name] : undefined;
      return [field.name, toText(field, given ?? field.fallback)];
    }),
  );
}

function toText({ kind }: FormField, value: Json | undefined): string {
  if (value === undefined) return '';
  if (kind === 'text' && typeof value === 'string') return value;
  return JSON.stringify(value, null, kind === 'json' ? 2 : 0);
}

type Read = { readonly value: Json } | { readonly fault: { readonly name: string; readonly message: string } };

/** The value that the texts of the fields make; an empty text is an absent property, but a required one's. */
export function readValue(fields: readonly FormField[], texts: { readonly [name: string]: string }): Read {
  const value: Record<string, Json> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? '';
    if (text === '' && !(field.isRequired && field.kind === 'text')) continue;
    const read = readField(field, text);
    if ('fault' in read) return { fault: { name: field.name, message: read.fault } };
    value[field.name] = read.value;
  }
  return { value: fields.length === 1 && fields[0]?.name === '' ? (value[''] ?? null) : value };
}

function readField({ kind }: FormField, text: string): { readonly value: Json } | { readonly fault: string } {
  if (kind === 'text') return { value: text };
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
