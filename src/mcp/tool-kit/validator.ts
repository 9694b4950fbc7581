import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Json, JsonSchema } from '../../core/json.js';
import { hasMoreParts } from '../../core/tool-form/json-text.js';
import type { Misfit } from '../../core/tool-form/repair-value.js';

/** Values of more parts are checked up to their first fault: finding every fault of a large value takes too long. */
export const LARGE = 500;

/** What a schema, of ours or of a workflow, says of values. */
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
  return {
    fits: (value) => untilFirst(value),
    misfits: (value) => {
      if (untilFirst(value)) return [];
      if (hasMoreParts(value, LARGE)) return (untilFirst.errors ?? []).map(toMisfit);
      untilLast ??= compile(schema, true);
      untilLast(value);
      return (untilLast.errors ?? []).map(toMisfit);
    },
    takesType: (value) =>
      untilFirst(value) ||
      !(untilFirst.errors ?? []).some(({ instancePath, keyword }) => instancePath === '' && keyword === 'type'),
  };
}

function compile(schema: JsonSchema, allErrors: boolean): ValidateFunction {
  // An instance of its own: schemas of different workflows may share an `$id`.
  const ajv = addFormats.default(new Ajv2020({ strict: false, addUsedSchema: false, logger: false, allErrors }));
  return ajv.compile(schema);
}

function toMisfit({ keyword, instancePath, params }: ErrorObject): Misfit {
  const isType = keyword === 'type';
  const { missingProperty } = params as { readonly missingProperty?: string };
  if (keyword !== 'required' || missingProperty === undefined) return { place: instancePath, isType };
  return { place: `${instancePath}/${missingProperty.replaceAll('~', '~0').replaceAll('/', '~1')}`, isType };
}
