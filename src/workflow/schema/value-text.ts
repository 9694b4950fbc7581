import type { Json } from '../../core/json.js';
import { cutText, shorten } from '../../core/text/cut-text.js';

const MAX_LENGTH = 60;

/** A value as a message shows it: short JSON, cut where it is long. */
export function showValue(value: unknown): string {
  return shorten(JSON.stringify(beginningOf(value, { left: MAX_LENGTH })) ?? 'undefined', MAX_LENGTH);
}

/** No more of a value than a message can show, each of whose characters can show one value: the rest may be long. */
function beginningOf(value: unknown, budget: { left: number }): unknown {
  budget.left -= 1;
  if (typeof value === 'string') return cutText(value, MAX_LENGTH);
  if (typeof value !== 'object' || value === null) return value;
  if (budget.left <= 0) return null;
  if (Array.isArray(value)) return value.slice(0, MAX_LENGTH).map((item: unknown) => beginningOf(item, budget));
  const fields = value as { readonly [name: string]: unknown };
  const names = Object.keys(fields).slice(0, MAX_LENGTH);
  return Object.fromEntries(names.map((name) => [cutText(name, MAX_LENGTH), beginningOf(fields[name], budget)]));
}

/** The JSON Schema type of a value, with an article: `a string`. */
export function showType(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** Where in a definition: `nodes[2].needs[0]`. */
export type DefinitionPath = readonly (string | number)[];

export function formatPath(path: DefinitionPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/** A JSON pointer as the path it stands for, in the value that it points into. */
export function pointerToPath(pointer: string, value: Json): DefinitionPath {
  const path: (string | number)[] = [];
  let current: unknown = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(current) ? Number(key) : key);
    current =
      typeof current === 'object' && current !== null ? (current as { [key: string]: unknown })[key] : undefined;
  }
  return path;
}

/** A path as a JSON pointer. */
export function pathToPointer(path: DefinitionPath): string {
  return path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
