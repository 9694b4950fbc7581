import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { InputChange } from '../../core/workflow/definition-diff.js';

/**
 * What differs between two schemas of a workflow's input, and whether callers of the one may be refused by the other.
 * What cannot be told apart by the rules below counts as breaking: a caller who is warned for nothing loses less.
 */
export function diffInputSchemas(before: Json | undefined, after: Json | undefined): readonly InputChange[] {
  const changes: InputChange[] = [];
  compare(before ?? { type: 'object' }, after ?? { type: 'object' }, { path: 'input', changes });
  return changes;
}

interface Place {
  readonly path: string;
  readonly changes: InputChange[];
}

/** Say nothing about what fits. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$schema',
  '$id',
]);
/** With a greater value, less fits. */
const LOWER_BOUNDS: ReadonlySet<string> = new Set([
  'minimum',
  'exclusiveMinimum',
  'minLength',
  'minItems',
  'minProperties',
]);
/** With a smaller value, less fits. */
const UPPER_BOUNDS: ReadonlySet<string> = new Set([
  'maximum',
  'exclusiveMaximum',
  'maxLength',
  'maxItems',
  'maxProperties',
]);

function compare(before: Json, after: Json, place: Place): void {
  if (canonicalJson(before) === canonicalJson(after)) return;
  if (!isJsonObject(before) || !isJsonObject(after)) {
    tell(place, after !== true, 'the schema is another one');
    return;
  }
  compareProperties(before, after, place);
  const { items: oldItems, ...oldRest } = before;
  const { items: newItems, ...newRest } = after;
  if (oldItems !== undefined && newItems !== undefined)
    compare(oldItems, newItems, { ...place, path: `${place.path}[]` });
  else if (oldItems !== newItems)
    tell(place, newItems !== undefined, `items ${newItems === undefined ? 'may be anything now' : 'are checked now'}`);
  const keywords = new Set([...Object.keys(oldRest), ...Object.keys(newRest)]);
  for (const keyword of keywords) if (!STRUCTURE.has(keyword)) compareKeyword(keyword, before, after, place);
}

/** Compared on their own. */
const STRUCTURE: ReadonlySet<string> = new Set(['properties', 'required', 'items']);

function compareProperties(before: JsonObject, after: JsonObject, place: Place): void {
  const [old, fresh] = [propertiesOf(before), propertiesOf(after)];
  const [wasRequired, isRequired] = [requiredOf(before), requiredOf(after)];
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh), ...wasRequired, ...isRequired])) {
    const at = { ...place, path: `${place.path}.${name}` };
    const [earlier, later] = [ownOf(old, name), ownOf(fresh, name)];
    if (isRequired.has(name) && !wasRequired.has(name)) tell(at, true, 'is required now');
    if (wasRequired.has(name) && !isRequired.has(name)) tell(at, false, 'is not required any more');
    if (earlier === undefined && later !== undefined) tellAdded(at, before);
    else if (earlier !== undefined && later === undefined) tellRemoved(at, after);
    else if (earlier !== undefined && later !== undefined) compare(earlier, later, at);
  }
}

function tellAdded(place: Place, { additionalProperties }: JsonObject): void {
  // Nobody could send it before, or it was taken whatever it was.
  const isNew = additionalProperties === false;
  tell(place, !isNew, isNew ? 'is taken now' : 'is checked now; before, any value was taken under this name');
}

function tellRemoved(place: Place, { additionalProperties }: JsonObject): void {
  const isRefused = additionalProperties === false;
  tell(place, isRefused, isRefused ? 'is refused now' : 'is not known any more; it is still taken');
}

function compareKeyword(keyword: string, before: JsonObject, after: JsonObject, place: Place): void {
  const [old, fresh] = [ownOf(before, keyword), ownOf(after, keyword)];
  if (old !== undefined && fresh !== undefined && canonicalJson(old) === canonicalJson(fresh)) return;
  if (ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) return;
  if (keyword === 'default') tell(place, false, 'has another default');
  else tell(place, narrows(keyword, old, fresh), describe(keyword, old, fresh));
}

/** Whether a value that fitted may not fit any more. */
function narrows(keyword: string, old: Json | undefined, fresh: Json | undefined): boolean {
  // What is not said is not asked for.
  if (fresh === undefined) return false;
  if (keyword === 'additionalProperties' && fresh === true) return false;
  if (old === undefined) return true;
  if (LOWER_BOUNDS.has(keyword)) return !(typeof old === 'number' && typeof fresh === 'number' && fresh <= old);
  if (UPPER_BOUNDS.has(keyword)) return !(typeof old === 'number' && typeof fresh === 'number' && fresh >= old);
  if (keyword === 'type' || keyword === 'enum') return !holdsAll(listOf(fresh), listOf(old), keyword);
  return true;
}

function holdsAll(those: readonly Json[], these: readonly Json[], keyword: string): boolean {
  const known = new Set(those.map((value) => canonicalJson(value)));
  // Every integer is a number.
  if (keyword === 'type' && those.includes('number')) known.add(canonicalJson('integer'));
  return these.every((value) => known.has(canonicalJson(value)));
}

const MAX_SHOWN = 80;

function describe(keyword: string, old: Json | undefined, fresh: Json | undefined): string {
  const show = (value: Json): string => {
    const text = JSON.stringify(value);
    return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  };
  if (fresh === undefined) return `${keyword} is gone${old === undefined ? '' : `; it was ${show(old)}`}`;
  return old === undefined ? `${keyword} is ${show(fresh)} now` : `${keyword} is ${show(fresh)}; it was ${show(old)}`;
}

function tell({ path, changes }: Place, breaking: boolean, message: string): void {
  changes.push({ path, breaking, message });
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}

function requiredOf({ required }: JsonObject): ReadonlySet<string> {
  return new Set(listOf(required ?? []).filter((name): name is string => typeof name === 'string'));
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function ownOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
