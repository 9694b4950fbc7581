import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { errorMessage, type Problem } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import type { Check } from './plan.js';
import { describeErrors } from './schema-problems.js';

/** How many problems a check tells at most; one more line then says how many there were. */
export const MAX_PROBLEMS = 20;

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

export type CompiledSchema =
  | { readonly status: 'ok'; readonly check: Check }
  /** `path` is a JSON pointer into the schema. */
  | { readonly status: 'invalid'; readonly faults: readonly Problem[] };

/** Schemas of node kinds and fields are the same objects for every workflow. */
const compiledBefore = new WeakMap<object, CompiledSchema>();
let metaSchema: Ajv2020 | null = null;

/**
 * Compiles a JSON Schema (2020-12). References lead within the schema only: nothing is fetched, and no other schema is known.
 * Formats are checked; unknown keywords and formats are left alone; a check changes nothing, so `default` has no say in it.
 */
export function compileSchema(schema: Json): CompiledSchema {
  if (!isJsonObject(schema)) {
    return { status: 'invalid', faults: [{ path: '', message: 'a JSON Schema must be an object' }] };
  }
  const before = compiledBefore.get(schema);
  if (before !== undefined) return before;
  const compiled = compileAnew(schema);
  compiledBefore.set(schema, compiled);
  return compiled;
}

/** For what no schema is given for. */
export const acceptAnything: Check = () => [];

function compileAnew(schema: JsonSchema): CompiledSchema {
  metaSchema ??= new Ajv2020({ allErrors: true, strict: false, verbose: true, logger: false });
  if (!metaSchema.validate(DRAFT, schema)) return { status: 'invalid', faults: describe(metaSchema.errors) };
  if (schema['$async'] !== undefined) {
    return { status: 'invalid', faults: [{ path: '/$async', message: '$async is not supported' }] };
  }
  // An instance of its own: what another schema calls itself (`$id`) is of no concern here.
  const ajv = new Ajv2020({
    meta: false,
    validateSchema: false,
    allErrors: true,
    strict: false,
    verbose: true,
    logger: false,
  });
  addFormats.default(ajv);
  try {
    const validate = ajv.compile(schema);
    return { status: 'ok', check: (value) => (validate(value) ? [] : describe(validate.errors)) };
  } catch (thrown) {
    return { status: 'invalid', faults: [{ path: '', message: compileFault(thrown) }] };
  }
}

function describe(errors: readonly ErrorObject[] | null | undefined): readonly Problem[] {
  const problems = describeErrors(errors ?? []);
  if (problems.length <= MAX_PROBLEMS) return problems;
  const rest = problems.length - MAX_PROBLEMS;
  return [
    ...problems.slice(0, MAX_PROBLEMS),
    { path: '', message: `and ${rest} more problem${rest === 1 ? '' : 's'}` },
  ];
}

function compileFault(thrown: unknown): string {
  const text = errorMessage(thrown);
  const reference = /^can't resolve reference (\S+)/.exec(text)?.[1];
  if (reference === undefined) return text;
  return `the reference ${reference} leads nowhere: only references within the schema itself (#/$defs/…) are followed`;
}
