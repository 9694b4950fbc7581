import { createRequire } from 'node:module';

/**
 * Whether two values are equal as JSON. What objects inherit has no say, nor have properties that are called like it.
 */
export function jsonEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => jsonEqual(item, other[index]));
  }
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => {
    const of = (object: object): unknown => (object as { readonly [name: string]: unknown })[name];
    return Object.hasOwn(other, name) && jsonEqual(of(one), of(other));
  });
}

/**
 * Has Ajv compare values (`enum`, `const`, `uniqueItems`) by `jsonEqual`. The comparison that it comes with calls the
 * property `valueOf` or `toString` of a value, which need be no function.
 */
export function compareAsJson(): void {
  const runtime = createRequire(import.meta.url)('ajv/dist/runtime/equal') as { default: { code?: string } };
  runtime.default = Object.assign(jsonEqual, { code: runtime.default.code ?? 'equal' });
}
