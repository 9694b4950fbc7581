import { isJsonObject, type Json, type JsonObject } from '../json.js';

export const TYPE_NAMES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof TYPE_NAMES)[number];

/**
 * What a schema says of one value, without references, combinations and conditions: these are merged into one list of
 * properties, as far as that can be. Schemas further inside are left as they are.
 */
export interface FlatSchema {
  /** Null where every type fits. Empty: no value fits. */
  readonly types: ReadonlySet<TypeName> | null;
  readonly properties: ReadonlyMap<string, Json>;
  readonly required: ReadonlySet<string>;
  /** The schema of properties that are not named; false: there may be none. Null: nothing is said. */
  readonly additional: Json;
  readonly items: Json;
  /** The values that are allowed; null: nothing is said. */
  readonly values: readonly Json[] | null;
  /** Whether texts other than those among `values` fit as well. */
  readonly otherTexts: boolean;
  /** Annotations and plain bounds: `title`, `description`, `default`, `minimum`, … */
  readonly keywords: JsonObject;
  /** Whether the schema demands more than this says. */
  readonly isPartial: boolean;
  /** Where the value may have several forms: what each form requires beyond what all require. */
  readonly choices: readonly (readonly string[])[] | null;
  /** The references that were followed: what lies inside may lead back to them. */
  readonly followed: ReadonlySet<string>;
}

export const ANYTHING: FlatSchema = {
  types: null,
  properties: new Map(),
  required: new Set(),
  additional: null,
  items: null,
  values: null,
  otherTexts: true,
  keywords: {},
  isPartial: false,
  choices: null,
  followed: new Set(),
};

export const NOTHING: FlatSchema = { ...ANYTHING, types: new Set() };

/** What fits both. Where both say something of the same kind and it cannot be merged, the first is heard. */
export function conjoin(a: FlatSchema, b: FlatSchema): FlatSchema {
  const properties = new Map(a.properties);
  for (const [name, schema] of b.properties) {
    const other = properties.get(name);
    properties.set(name, other === undefined ? schema : together('allOf', [other, schema]));
  }
  return {
    types: bothTypes(a.types, b.types),
    properties,
    required: new Set([...a.required, ...b.required]),
    additional: a.additional ?? b.additional,
    items: a.items === null || b.items === null ? (a.items ?? b.items) : together('allOf', [a.items, b.items]),
    values: bothValues(a.values, b.values),
    otherTexts: a.otherTexts && b.otherTexts,
    keywords: { ...b.keywords, ...a.keywords },
    isPartial: a.isPartial || b.isPartial,
    choices: a.choices ?? b.choices,
    followed: new Set([...a.followed, ...b.followed]),
  };
}

/** What fits one of several. */
export function alternate(all: readonly FlatSchema[]): FlatSchema {
  const forms = all.filter((form) => form.types === null || form.types.size > 0);
  const [first = NOTHING] = forms;
  if (forms.length < 2) return first;
  const objects = forms.filter((form) => mayBe(form, 'object'));
  const properties = new Map<string, Json>();
  for (const name of new Set(objects.flatMap((form) => [...form.properties.keys()]))) {
    const schemas = objects.flatMap((form) => form.properties.get(name) ?? []);
    properties.set(name, together('anyOf', schemas));
  }
  const required = [...(objects[0]?.required ?? [])].filter((name) => objects.every((form) => form.required.has(name)));
  const items = forms.flatMap((form) => form.items ?? []);
  const texts = forms.filter((form) => mayBe(form, 'string'));
  return {
    types: forms.some((form) => form.types === null) ? null : new Set(forms.flatMap((form) => [...(form.types ?? [])])),
    properties,
    required: new Set(required),
    additional: objects.length > 0 && objects.every((form) => form.additional === false) ? false : null,
    items: items.length === 0 ? null : together('anyOf', items),
    values: forms.every((form) => form.values === null) ? null : forms.flatMap((form) => form.values ?? []),
    otherTexts: texts.some((form) => form.otherTexts),
    keywords: Object.fromEntries(Object.entries(first.keywords).filter(([name, value]) => inAll(forms, name, value))),
    isPartial: forms.some((form) => form.isPartial) || forms.filter((form) => !isNull(form)).length > 1,
    followed: new Set(forms.flatMap((form) => [...form.followed])),
    choices:
      objects.length < 2 ? null : objects.map((form) => [...form.required].filter((name) => !required.includes(name))),
  };
}

export function mayBe({ types }: FlatSchema, type: TypeName): boolean {
  return types === null || types.has(type);
}

function isNull({ types }: FlatSchema): boolean {
  return types?.size === 1 && types.has('null');
}

function inAll(forms: readonly FlatSchema[], name: string, value: Json): boolean {
  const text = JSON.stringify(value);
  return forms.every((form) => JSON.stringify(form.keywords[name]) === text);
}

function together(keyword: 'allOf' | 'anyOf', schemas: readonly Json[]): Json {
  const different = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  return different.length === 1 ? (different[0] ?? true) : { [keyword]: different };
}

function bothTypes(a: FlatSchema['types'], b: FlatSchema['types']): FlatSchema['types'] {
  if (a === null || b === null) return a ?? b;
  const both = new Set([...a].filter((type) => b.has(type)));
  const wholeInOne = (a.has('integer') && b.has('number')) || (b.has('integer') && a.has('number'));
  return wholeInOne ? both.add('integer') : both;
}

function bothValues(a: FlatSchema['values'], b: FlatSchema['values']): FlatSchema['values'] {
  if (a === null || b === null) return a ?? b;
  const texts = new Set(b.map((value) => JSON.stringify(value)));
  return a.filter((value) => texts.has(JSON.stringify(value)));
}

/** The type of a value, as schemas name it. */
export function typeOf(value: Json): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' ? 'string' : 'boolean';
}
