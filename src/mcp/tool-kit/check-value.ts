import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { hasMoreParts } from '../../core/tool-form/json-text.js';
import { shorten } from '../../core/text/cut-text.js';
import { ErrandError, type Problem } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import { loadAjv } from '../../schema/load-ajv.js';
import { escapeToken, LARGE } from './validator.js';

/** How many problems an error names at most, whatever was sent. */
export const MAX_PROBLEMS = 20;
/** In characters. A caller chooses the names of its arguments, and with them how long a path is. */
const MAX_PATH = 200;
const MAX_MESSAGE = 8_000;

// The schemas are ours, and tests hold that they are valid.
const OURS = { strict: false, meta: false, validateSchema: false } as const;
const made = new Map<boolean, Ajv2020>();

function compile<T>(schema: JsonSchema, allErrors: boolean): ValidateFunction<T> {
  let ajv = made.get(allErrors);
  if (ajv === undefined) {
    const { Ajv2020: Made } = loadAjv();
    made.set(allErrors, (ajv = new Made({ ...OURS, allErrors })));
  }
  return ajv.compile<T>(schema);
}

/**
 * Compiles a schema of ours, once, into a check that gives the value back as what the schema says it is, or throws
 * `invalid_input` with a problem for each offending path, 20 at most. `what` opens the message:
 * `The arguments of run_workflow`. A property that need not be there and is null, where the schema has no place for
 * null, counts as absent. `repair` is asked for what does not fit even so.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the schema and T say the same, as far as callers know
export function compileCheck<T>(
  schema: JsonSchema,
  what: string,
  repair: (value: Json) => Json = (value) => value,
): (value: Json) => T {
  // Compiled for the first value, and for the first that does not fit: a start would compile hundreds, of which most
  // never see one.
  let fits: ValidateFunction<T> | null = null;
  let findAll: ValidateFunction | null = null;
  return (value) => {
    fits ??= compile<T>(schema, false);
    if (fits(value)) return value;
    const rest = repair(withoutNulls(value, schema));
    if (rest !== value && fits(rest)) return rest;
    const validate = hasMoreParts(rest, LARGE) ? fits : (findAll ??= compile(schema, true));
    validate(rest);
    throw invalidInput(what, toProblems(validate.errors ?? []));
  };
}

export function invalidInput(what: string, problems: readonly Problem[]): ErrandError {
  return new ErrandError('invalid_input', `${what} are not valid: ${describeProblems(problems)}.`, { problems });
}

function describeProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.path === '' ? '/' : problem.path} ${problem.message}`).join('; ');
}

/** Looks at the properties that the schema names, and at no others: a caller may send very many. */
function withoutNulls(value: Json, { properties, required }: JsonSchema): Json {
  if (!isJsonObject(value) || !isJsonObject(properties)) return value;
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const absent = Object.keys(properties).filter((name) => value[name] === null && !needed.includes(name));
  if (absent.length === 0) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !absent.includes(name)));
}

function toProblems(errors: readonly ErrorObject[]): Problem[] {
  const problems = errors.slice(0, MAX_PROBLEMS).map(toProblem);
  const more = errors.length - problems.length;
  if (more === 0) return problems;
  return [...problems, { path: '', message: `and ${more} more problem${more === 1 ? '' : 's'}` }];
}

function toProblem({ keyword, instancePath, message = 'is not valid', ...error }: ErrorObject): Problem {
  const params = error.params as { additionalProperty?: string; missingProperty?: string; allowedValues?: string[] };
  const at = (name = ''): string => shorten(`${instancePath}/${escapeToken(shorten(name, MAX_PATH))}`, MAX_PATH);
  switch (keyword) {
    case 'additionalProperties':
      return { path: at(params.additionalProperty), message: 'is not known here' };
    case 'required':
      return { path: at(params.missingProperty), message: 'is missing' };
    case 'enum':
      return { path: shorten(instancePath, MAX_PATH), message: `must be one of ${params.allowedValues?.join(', ')}` };
    default:
      return { path: shorten(instancePath, MAX_PATH), message };
  }
}

/** The error's message, with the problems that it does not name already. Of bounded length, whatever a caller sent. */
export function fullMessage(error: ErrandError): string {
  const message = shorten(error.message, MAX_MESSAGE);
  const unnamed = boundedProblems(error).filter((problem) => !message.includes(problem.path));
  return unnamed.length === 0 ? message : shorten(`${message} (${describeProblems(unnamed)})`, MAX_MESSAGE);
}

/** The error's problems, as many and as long as an answer has room for. */
export function boundedProblems({ problems }: ErrandError): readonly Problem[] {
  return problems.slice(0, MAX_PROBLEMS + 1).map(({ path, message }) => ({
    path: shorten(path, MAX_PATH),
    message: shorten(message, MAX_MESSAGE / MAX_PROBLEMS),
  }));
}
