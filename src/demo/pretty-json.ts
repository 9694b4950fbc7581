import type { Json } from '../core/json.js';

/** JSON for reading: whatever fits into `width` columns stays on one line. */
export function prettyJson(value: Json, width: number): string[] {
  return layOut({ value, width, around: 0 });
}

/** `around`: the columns that the value's name and comma take on its first line. */
function layOut(params: { readonly value: Json; readonly width: number; readonly around: number }): string[] {
  const { value, width } = params;
  const flat = flatJson(value);
  if (flat.length + params.around <= width || typeof value !== 'object' || value === null) return [flat];
  const parts: readonly (readonly [prefix: string, part: Json])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item) => ['', item] as const)
    : Object.entries(value).map(([name, field]) => [`${JSON.stringify(name)}: `, field] as const);
  const inner = parts.flatMap(([prefix, part], index) => {
    const comma = index === parts.length - 1 ? '' : ',';
    const [first = '', ...rest] = layOut({ value: part, width: width - 2, around: (prefix + comma).length });
    const lines = [prefix + first, ...rest];
    return lines.map((line, row) => `  ${line}${row === lines.length - 1 ? comma : ''}`);
  });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return [open, ...inner, close];
}

/** On one line, with the spaces that people write. */
function flatJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(flatJson).join(', ')}]`;
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${flatJson(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
