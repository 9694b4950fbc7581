import type { Json, JsonSchema } from '../../core/json.js';
import { isFields } from './fields/check-fields.js';
import { warnOfPatterns } from './check-patterns.js';
import type { Faults } from './fields/faults.js';
import { compileSchema } from '../schema/schema.js';
import { pointerToPath, showType, type DefinitionPath } from '../schema/value-text.js';

/** Tells what is wrong with a JSON Schema in a definition. */
export function checkSchema(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!isFields(value)) {
    faults.add(at, `must be a JSON Schema (an object), not ${showType(value)}`, value);
    return;
  }
  const compiled = compileSchema(value as Json);
  if (compiled.status === 'ok') {
    warnOfPatterns(value as JsonSchema, at, faults);
    return;
  }
  for (const { path, message } of compiled.faults) {
    const inside = pointerToPath(path, value as Json);
    faults.add([...at, ...inside], `not a valid JSON Schema: ${message}`, valueAt(value, inside));
  }
}

/** Undefined where there is none. */
export function valueAt(value: unknown, path: DefinitionPath): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null
        ? (current as { readonly [key: string | number]: unknown })[key]
        : undefined,
    value,
  );
}
