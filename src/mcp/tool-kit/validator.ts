import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Json, JsonSchema } from '../../core/json.js';
import { hasMoreParts } from '../../core/tool-form/json-text.js';
import type { Misfit } from '../../core/tool-form/repair-value.js';
import { createAjv } from '../../schema/create-ajv.js';
import { isQuickCheck } from '../../schema/weigh-schema.js';

/** Values of more parts are checked up to their first fault: finding every fault of a large value takes too long. */
export const LARGE = 500;

/**
 * What a schema, of ours or of a workflow, says of values. What cannot be told within milliseconds counts as fitting,
 * and is left as it is: whoever takes the value checks it all.
 */
export interface Validator {
  readonly fits: (value: Json) => boolean;
  /** Where the value does not fit; of a large value, the first such place. */
  readonly misfits: (value: Json) => readonly Misfit[];
  /** Whether the schema takes values of this type at all, whatever else it demands. */
  readonly takesType: (value: Json) => boolean;
}

const known = new WeakMap<JsonSchema, Validator>();

/** Made once for a schema object; the schema must be a valid one, and must not change. */
export function validatorOf(schema: JsonSchema): Validator {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const validator = createValidator(schema);
  known.set(schema, validator);
  return validator;
}

function createValidator(schema: JsonSchema): Validator {
  const untilFirst = compile(schema, false);
  let untilLast: ValidateFunction | null = null;
  const fits = (value: Json): boolean => !isQuickCheck(schema, value, true) || untilFirst(value);
  return {
    fits,
    misfits: (value) => {
      if (fits(value)) return [];
      if (hasMoreParts(value, LARGE)) return (untilFirst.errors ?? []).map(toMisfit);
      untilLast ??= compile(schema, true);
      untilLast(value);
      return (untilLast.errors ?? []).map(toMisfit);
    },
    takesType: (value) =>
      fits(value) ||
      !(untilFirst.errors ?? []).some(({ instancePath, keyword }) => instancePath === '' && keyword === 'type'),
  };
}

function compile(schema: JsonSchema, allErrors: boolean): ValidateFunction {
  return createAjv({ allErrors, passInexpressible: true }).compile(schema);
}

function toMisfit({ keyword, instancePath, params }: ErrorObject): Misfit {
  const isType = keyword === 'type';
  const { missingProperty } = params as { readonly missingProperty?: string };
  if (keyword !== 'required' || missingProperty === undefined) return { place: instancePath, isType };
  return { place: `${instancePath}/${escapeToken(missingProperty)}`, isType };
}

/** A property's name as a JSON pointer has it. */
export function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
