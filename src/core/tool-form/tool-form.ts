import { shorten } from '../text/cut-text.js';
import type { Json, JsonObject, JsonSchema } from '../json.js';
import { mayBe, type FlatSchema, type TypeName } from './flat-schema.js';
import { Flattener, type Inside } from './flatten-schema.js';
import { HOST_LIMITS } from './host-limits.js';
import { describeBounds, keptBounds } from './form-bounds.js';
import { hostNames } from './property-name.js';
import type { Reading } from './read-back.js';

/**
 * The schema of a tool's arguments as every host takes it: an object with `properties`; each property, at any depth, of
 * one type; choices of texts only; names of plain letters; no references, combinations or conditions anywhere. It may
 * say less than the schema that it is made of, which what is given must fit in the end.
 */
export interface ToolForm {
  readonly schema: JsonSchema;
  /** True when the schema is for no object: what it is for then stands under `input`. */
  readonly isWrapped: boolean;
  /** The names of properties that the schema speaks of; null when others fit as well. */
  readonly closedTo: ReadonlySet<string> | null;
  readonly reading: Reading | null;
  /** Which properties go together, where the schema has several forms: a sentence for the description. */
  readonly choice: string | null;
  /** Whether the schema demands more than the form says. */
  readonly isPartial: boolean;
  /** Where the form says something else than the schema. */
  readonly changes: readonly FormChange[];
}

export interface FormChange {
  /** The names of properties that lead there, `*` for the items of a list; none for the schema itself. */
  readonly path: readonly string[];
  readonly message: string;
}

interface Form {
  readonly schema: JsonSchema;
  readonly reading: Reading | null;
}

interface Place {
  readonly path: readonly string[];
  readonly inside: Inside;
}

const ONLY_TEXTS = 'allows values that are no texts: hosts take choices of texts only';

const forms = new WeakMap<JsonSchema, ToolForm>();

/** The schema must not change: its form is made once. Takes invalid schemas too, and says of them what can be said. */
export function toolForm(schema: JsonSchema): ToolForm {
  const known = forms.get(schema);
  if (known !== undefined) return known;
  const form = new FormMaker(schema).make();
  forms.set(schema, form);
  return form;
}

class FormMaker {
  readonly #root: JsonSchema;
  readonly #flattener: Flattener;
  readonly #changes: FormChange[] = [];
  #propertiesLeft: number = HOST_LIMITS.properties;
  #isPartial = false;

  constructor(root: JsonSchema) {
    this.#root = root;
    this.#flattener = new Flattener(root);
  }

  make(): ToolForm {
    const flat = this.#flattener.flatten(this.#root, new Set(['#']));
    const isWrapped = !mayBe(flat, 'object');
    const place = { path: [], inside: new Set(['#']) };
    const form = isWrapped ? this.#wrap(flat, place) : this.#objectForm(flat, place);
    if (!isWrapped && flat.isPartial) {
      this.#change([], 'combinations, conditions and references at the top are told in words: hosts refuse them there');
    }
    return {
      ...form,
      isWrapped,
      closedTo: !isWrapped && flat.additional === false ? new Set(flat.properties.keys()) : null,
      choice: choiceOf(flat),
      isPartial: this.#isPartial,
      changes: this.#changes,
    };
  }

  #wrap(flat: FlatSchema, place: Place): Form {
    const { schema, reading } = this.#formOf(flat, place);
    return {
      schema: { type: 'object', properties: { input: schema }, required: ['input'], additionalProperties: false },
      reading: reading === null ? null : { fields: new Map([['input', reading]]) },
    };
  }

  #change(path: readonly string[], message: string): void {
    if (this.#changes.length < HOST_LIMITS.properties) this.#changes.push({ path, message });
  }

  #formOf(flat: FlatSchema, place: Place): Form {
    this.#isPartial ||= flat.isPartial;
    if (flat.isPartial && place.path.length > 0) {
      this.#change(place.path, 'demands more than hosts can be told: it is published in a simpler form');
    }
    const type = this.#typeOf(flat, place);
    const { description, title } = flat.keywords;
    const words = [
      typeof description === 'string' ? description.trim() : '',
      ...otherTypes(flat, type),
      ...describeBounds(flat, type),
    ]
      .filter((text) => text !== '')
      .join(' ');
    if (words.length > HOST_LIMITS.description) {
      this.#change(place.path, `its description is cut: hosts take ${HOST_LIMITS.description} characters`);
    }
    const { schema, reading } = this.#bodyOf(flat, type, place);
    const told = {
      ...(typeof title === 'string' ? { title: shorten(title, HOST_LIMITS.propertyNameLength * 2) } : {}),
      ...(words === '' ? {} : { description: shorten(words, HOST_LIMITS.description) }),
      ...defaultOf(flat, type),
    };
    const isAnything = flat.types === null && type === 'string';
    return { schema: { ...schema, ...told }, reading: isAnything ? { isAnything } : reading };
  }

  #bodyOf(flat: FlatSchema, type: TypeName, place: Place): Form {
    if (type === 'object') return this.#objectForm(flat, place);
    if (type === 'array') return this.#listForm(flat, place);
    if (type !== 'string' && flat.values !== null) this.#change(place.path, ONLY_TEXTS);
    const choices = type === 'string' ? this.#choicesOf(flat, place) : null;
    return {
      schema: { type, ...keptBounds(flat, type), ...(choices === null ? {} : { enum: choices }) },
      reading: null,
    };
  }

  #typeOf(flat: FlatSchema, { path }: Place): TypeName {
    const { types } = flat;
    if (types === null) {
      this.#change(path, 'has no "type": it is published as a text, and what is no text is written as JSON');
      return 'string';
    }
    const named = BEST_FIRST.filter((type) => types.has(type) && !(type === 'integer' && types.has('number')));
    const [best = 'string', ...others] = named.filter((type) => type !== 'null');
    if (others.length > 0)
      this.#change(path, `has several types: it is published as ${best}, the others told in words`);
    return best;
  }

  #choicesOf({ values, otherTexts }: FlatSchema, { path }: Place): readonly string[] | null {
    if (values === null || otherTexts) return null;
    // Google's converter refuses an empty choice.
    const texts = [...new Set(values.filter((value) => value !== null && value !== '').map(toText))];
    if (values.some((value) => value !== null && typeof value !== 'string')) {
      this.#change(path, ONLY_TEXTS);
    }
    const isLong = texts.length > HOST_LIMITS.choices || texts.join('').length > HOST_LIMITS.choiceCharacters;
    if (isLong) this.#change(path, 'has more values than hosts take: it is published as a text');
    return isLong || texts.length === 0 ? null : texts;
  }

  #listForm(flat: FlatSchema, { path, inside }: Place): Form {
    const inner: Place = { path: [...path, '*'], inside: new Set([...inside, ...flat.followed]) };
    if (path.length + 1 > HOST_LIMITS.depth) {
      return this.#tooDeep({ type: 'array', items: { type: 'string' } }, flat.items === null ? null : path);
    }
    const items = this.#formOf(this.#flattener.flatten(flat.items ?? true, inner.inside), inner);
    return {
      schema: { type: 'array', items: items.schema, ...keptBounds(flat, 'array') },
      reading: items.reading === null ? null : { items: items.reading },
    };
  }

  #objectForm(flat: FlatSchema, { path, inside }: Place): Form {
    if (path.length + 1 > HOST_LIMITS.depth) {
      return this.#tooDeep({ type: 'object', properties: {} }, flat.properties.size === 0 ? null : path);
    }
    this.#isPartial ||= flat.isPartial;
    const published = hostNames(flat.properties.keys());
    const properties: { [name: string]: Json } = {};
    const fields = new Map<string, Reading>();
    for (const [name, schema] of flat.properties) {
      const given = published.get(name) ?? name;
      const place: Place = { path: [...path, name], inside: new Set([...inside, ...flat.followed]) };
      const property = this.#flattener.flatten(schema, place.inside);
      if (property.types?.size === 0) continue;
      this.#propertiesLeft -= 1;
      if (this.#propertiesLeft < 0) {
        this.#tooMany(path);
        break;
      }
      const form = this.#formOf(property, place);
      if (form.reading !== null) fields.set(given, form.reading);
      if (given !== name) this.#change(place.path, `is published as "${given}": hosts refuse other names`);
      properties[given] = given === name ? form.schema : withName(form.schema, name);
    }
    const required = [...flat.required]
      .map((name) => published.get(name) ?? name)
      .filter((name) => Object.hasOwn(properties, name));
    return {
      schema: {
        type: 'object',
        properties,
        ...(required.length === 0 ? {} : { required }),
        ...this.#additionalOf(flat, { path, inside }),
      },
      reading: readingOf(published, fields),
    };
  }

  #additionalOf({ additional, followed }: FlatSchema, { path, inside }: Place): JsonObject {
    if (additional === null) return {};
    if (typeof additional === 'boolean') return { additionalProperties: additional };
    const place: Place = { path: [...path, '*'], inside: new Set([...inside, ...followed]) };
    if (place.path.length + 1 > HOST_LIMITS.depth) return {};
    return { additionalProperties: this.#formOf(this.#flattener.flatten(additional, place.inside), place).schema };
  }

  /** `path` is null when nothing lies inside. */
  #tooDeep(schema: JsonSchema, path: readonly string[] | null): Form {
    if (path !== null) {
      this.#isPartial = true;
      this.#change(path, `lies deeper than ${HOST_LIMITS.depth} levels: what is inside is not published`);
    }
    return { schema, reading: null };
  }

  #tooMany(path: readonly string[]): void {
    this.#isPartial = true;
    this.#change(
      path,
      `has properties beyond the ${HOST_LIMITS.properties} that hosts take: the rest is not published`,
    );
  }
}

/** The type that can carry most, of several. Values of the others are taken too. */
const BEST_FIRST: readonly TypeName[] = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

const WORDS: { readonly [T in TypeName]: string } = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function otherTypes({ types }: FlatSchema, chosen: TypeName): readonly string[] {
  if (types === null) return ['Write other values than text as JSON.'];
  const others = BEST_FIRST.filter(
    (type) => types.has(type) && type !== chosen && !(type === 'integer' && chosen === 'number'),
  );
  return others.length === 0 ? [] : [`Also: ${others.map((type) => WORDS[type]).join(', ')}.`];
}

function choiceOf({ choices }: FlatSchema): string | null {
  const needed = (choices ?? []).filter((names) => names.length > 0).map((names) => names.join(' and '));
  const different = [...new Set(needed)];
  return different.length < 2 ? null : shorten(`Give ${different.join(', or ')}.`, 200);
}

/** Only a default that the form itself would take. */
function defaultOf({ keywords }: FlatSchema, type: TypeName): JsonObject {
  const { default: value } = keywords;
  if (value === undefined || value === null) return {};
  const fits =
    type === 'array'
      ? Array.isArray(value)
      : type === 'object'
        ? typeof value === 'object' && !Array.isArray(value)
        : typeof value === (type === 'integer' ? 'number' : type);
  return fits ? { default: value } : {};
}

function withName(schema: JsonSchema, name: string): JsonSchema {
  const { description } = schema;
  const told = `Called ${JSON.stringify(shorten(name, 100))}.`;
  const text = typeof description === 'string' ? `${told} ${description}` : told;
  return { ...schema, description: shorten(text, HOST_LIMITS.description) };
}

function readingOf(published: ReadonlyMap<string, string>, fields: ReadonlyMap<string, Reading>): Reading | null {
  const names = new Map([...published].filter(([name, given]) => name !== given).map(([name, given]) => [given, name]));
  if (names.size === 0 && fields.size === 0) return null;
  return { ...(names.size === 0 ? {} : { names }), ...(fields.size === 0 ? {} : { fields }) };
}

function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
