import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { errorMessage, type Problem } from '../../core/errors.js';
import { countValues, isDeeperThan, isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import { writePieces } from '../../core/large-json/write-in-turns.js';
import type { Isolation } from '../../core/ports/isolation.js';
import { createAjv } from '../../schema/create-ajv.js';
import { loadAjv } from '../../schema/load-ajv.js';
import { findWidest, MAX_SCHEMA_WIDTH } from '../../schema/schema-width.js';
import { isQuickCheck } from '../../schema/weigh-schema.js';
import type { Check } from './check.js';
import { isPlainSchema } from './plain-schema.js';
import { describeErrors } from './schema-problems.js';

/** How many problems a check tells at most; one more line then says how many there were. */
export const MAX_PROBLEMS = 20;

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

export type CompiledSchema =
  | { readonly status: 'ok'; readonly check: (value: Json) => readonly Problem[] }
  /** `path` is a JSON pointer into the schema. */
  | { readonly status: 'invalid'; readonly faults: readonly Problem[] };

/** Schemas of node kinds and fields are the same objects for every workflow. */
const compiledBefore = new WeakMap<object, CompiledSchema>();
let metaSchema: Ajv2020 | null = null;

/**
 * Compiles a JSON Schema (2020-12). References lead within the schema only: nothing is fetched, and no other schema is
 * known. Formats are checked; unknown keywords and formats are left alone; a check changes nothing, so `default` has no
 * say in it.
 */
export function compileSchema(schema: Json): CompiledSchema {
  if (!isJsonObject(schema)) {
    return { status: 'invalid', faults: [{ path: '', message: 'a JSON Schema must be an object' }] };
  }
  const before = compiledBefore.get(schema);
  if (before !== undefined) return before;
  const compiled = compileWithinStack(schema);
  compiledBefore.set(schema, compiled);
  return compiled;
}

/** For what no schema is given for. */
export const acceptAnything: Check = () => [];

/**
 * Values with more JSON are always checked in isolation: to look at how much there is in them would take long by
 * itself.
 */
const LONG_TEXT = 200_000;

/**
 * A check by a schema that is known to be valid. Values that are not certain to be checked within milliseconds are
 * checked in isolation; without it, all are checked at once.
 */
export function isolateCheck(
  schema: JsonSchema,
  check: (value: Json) => readonly Problem[],
  isolation: Isolation | undefined,
): Check {
  if (isolation === undefined) return check;
  return (value, text) =>
    (text === undefined || text.length <= LONG_TEXT) && isQuickCheck(schema, value)
      ? check(value)
      : checkBeside(isolation, schema, value, text);
}

async function checkBeside(
  isolation: Isolation,
  schema: JsonSchema,
  value: Json,
  text: string | undefined,
): Promise<readonly Problem[]> {
  return isolation.check({ schema, value: text ?? (await writePieces(value)) });
}

function compileWithinStack(schema: JsonSchema): CompiledSchema {
  try {
    return compileAnew(schema);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return { status: 'invalid', faults: [{ path: '', message: 'is nested too deep, or too large' }] };
  }
}

function makeMetaSchema(): Ajv2020 {
  const { Ajv2020: Made } = loadAjv();
  return new Made({ allErrors: true, strict: false, verbose: true, logger: false });
}

function compileAnew(schema: JsonSchema): CompiledSchema {
  if (isSmall(schema) && isPlainSchema(schema) && findUnnameable(schema, '') === null) return checkerOf(schema);
  metaSchema ??= makeMetaSchema();
  if (!metaSchema.validate(DRAFT, schema)) return { status: 'invalid', faults: describe(metaSchema.errors) };
  if (schema['$async'] !== undefined) {
    return { status: 'invalid', faults: [{ path: '/$async', message: '$async is not supported' }] };
  }
  const { width, path } = findWidest(schema);
  if (width > MAX_SCHEMA_WIDTH) {
    return { status: 'invalid', faults: [{ path, message: `holds ${width} schemas; at most ${MAX_SCHEMA_WIDTH}` }] };
  }
  const unnameable = findUnnameable(schema, '');
  if (unnameable !== null) {
    return { status: 'invalid', faults: [{ path: unnameable, message: 'no property can be called __proto__' }] };
  }
  try {
    const isWide = width > MAX_NARROW;
    return checkerOf(schema, createAjv({ isWide }).compile(schema), isWide);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw thrown;
    return { status: 'invalid', faults: [{ path: '', message: compileFault(thrown) }] };
  }
}

/**
 * Values in a schema, and levels of it. A larger one takes long to compile, or cannot be: not to be found out with a
 * caller waiting.
 */
const MAX_SMALL = 500;
const MAX_LEVELS = 50;
/** Of schemas side by side. */
const MAX_NARROW = 100;

function isSmall(schema: JsonSchema): boolean {
  return countValues(schema, MAX_SMALL) <= MAX_SMALL && !isDeeperThan(schema, MAX_LEVELS);
}

function checkerOf(schema: JsonSchema, fits: ValidateFunction | null = null, isWide = false): CompiledSchema {
  const checker = new Checker(schema, fits, isWide);
  return { status: 'ok', check: (value) => checker.check(value) };
}

/** Where a property `__proto__` is described, which Ajv passes over; null when there is none. */
function findUnnameable(schema: Json, path: string): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  for (const [name, inner] of Object.entries(schema)) {
    const at = `${path}/${name}`;
    if (name === 'properties' && isJsonObject(inner) && Object.hasOwn(inner, '__proto__')) return `${at}/__proto__`;
    const found = findUnnameable(inner, at);
    if (found !== null) return found;
  }
  return null;
}

/** For larger values only the first problem is told. To find all would take long, and most say the same. */
const MAX_VALUES = 5_000;

/** Looks for whether a value fits first, which takes the least time, and for what is wrong with it when it does not. */
class Checker {
  readonly #schema: JsonSchema;
  readonly #isWide: boolean;
  #fits: ValidateFunction | null;
  #findFirst: ValidateFunction | null = null;
  #findAll: ValidateFunction | null = null;

  /** `fits`: null for a schema that is known to be valid, and is compiled for its first value. */
  constructor(schema: JsonSchema, fits: ValidateFunction | null, isWide: boolean) {
    this.#schema = schema;
    this.#isWide = isWide;
    this.#fits = fits;
  }

  check(value: Json): readonly Problem[] {
    this.#fits ??= createAjv().compile(this.#schema);
    try {
      return this.#fits(value) ? [] : this.#findProblems(value);
    } catch (thrown) {
      // The stack is used up.
      if (thrown instanceof RangeError) return [{ path: '', message: 'is nested too deep to be checked' }];
      throw thrown;
    }
  }

  #findProblems(value: Json): readonly Problem[] {
    if (countValues(value, MAX_VALUES) <= MAX_VALUES) {
      this.#findAll ??= createAjv({ allErrors: true, verbose: true, isWide: this.#isWide }).compile(this.#schema);
      this.#findAll(value);
      return describe(this.#findAll.errors);
    }
    this.#findFirst ??= createAjv({ verbose: true, isWide: this.#isWide }).compile(this.#schema);
    this.#findFirst(value);
    const more = {
      path: '',
      message: 'and there may be more problems: of a value as large as this, only the first is told',
    };
    return [...describe(this.#findFirst.errors?.slice(0, 1)), more];
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
