import { countValues, type Json, type JsonSchema } from '../../core/json.js';
import { writePieces } from '../../core/large-json/write-in-turns.js';
import type { Problem } from '../../core/errors.js';
import type { Isolation } from '../../core/ports/isolation.js';
import type { Check } from './check.js';
import { compileSchema, isolateCheck } from './schema.js';

/** Values in a schema. A larger one takes long to compile. */
const MAX_COMPILED_HERE = 500;

export type ForeignCheck =
  | { readonly status: 'checked'; readonly problems: ReturnType<Check> }
  /** It is no schema. */
  | { readonly status: 'invalid'; readonly faults: readonly Problem[] };

/**
 * Checks a value by a schema that another server has written: nobody has bounded how large it is. A large one is
 * compiled in isolation, and what is wrong with it is then told as problems of the value.
 */
export function checkForeign(schema: JsonSchema, value: Json, isolation: Isolation | undefined): ForeignCheck {
  if (isolation !== undefined && countValues(schema, MAX_COMPILED_HERE) > MAX_COMPILED_HERE) {
    const problems = writePieces(value).then((pieces) => isolation.check({ schema, value: pieces }));
    return { status: 'checked', problems };
  }
  const compiled = compileSchema(schema);
  if (compiled.status === 'invalid') return compiled;
  return { status: 'checked', problems: isolateCheck(schema, compiled.check, isolation)(value) };
}

/** The same, where it makes no difference whether the value is at fault or the schema. */
export async function findForeignProblems(
  schema: JsonSchema,
  value: Json,
  isolation: Isolation | undefined,
): Promise<readonly Problem[]> {
  const found = checkForeign(schema, value, isolation);
  return found.status === 'checked' ? found.problems : found.faults;
}
