import { ErrandError } from '../errors.js';

/** Fields to find runs by, as they are written in one text each: `input.customer.id=17`. Throws `invalid_input`. */
export function readFields(texts: readonly string[]): { readonly [path: string]: string } {
  const fields = new Map<string, string>();
  for (const text of texts) {
    const end = text.indexOf('=');
    if (end < 1) {
      throw new ErrandError(
        'invalid_input',
        'A field to find runs by is written as path=value, such as input.customer.id=17 or metadata.region=eu.',
      );
    }
    const path = text.slice(0, end);
    if (fields.has(path)) {
      throw new ErrandError('invalid_input', `A run has one value of ${path} at most: give it once.`);
    }
    fields.set(path, text.slice(end + 1));
  }
  return Object.fromEntries(fields);
}
