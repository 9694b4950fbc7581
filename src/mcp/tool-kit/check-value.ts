import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { ErrandError, type Problem } from '../../core/errors.js';
import type { Json, JsonSchema } from '../../core/json.js';

const ajv = new Ajv2020({ allErrors: true, strict: false });

/**
 * Compiles a schema of ours, once, into a check that gives the value back as what the schema says it is, or throws `invalid_input`
 * with a problem for each offending path. `what` opens the message: `The arguments of run_workflow`.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the schema and T say the same, as far as callers know
export function compileCheck<T>(schema: JsonSchema, what: string): (value: Json) => T {
  const validate = ajv.compile<T>(schema);
  return (value) => {
    if (validate(value)) return value;
    throw invalidInput(what, toProblems(validate.errors ?? []));
  };
}

export function invalidInput(what: string, problems: readonly Problem[]): ErrandError {
  return new ErrandError('invalid_input', `${what} are not valid: ${describeProblems(problems)}.`, { problems });
}

export function describeProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.path === '' ? '/' : problem.path} ${problem.message}`).join('; ');
}

function toProblems(errors: readonly ErrorObject[]): Problem[] {
  return errors.map((error) => {
    const params = error.params as { additionalProperty?: string; missingProperty?: string; allowedValues?: string[] };
    if (error.keyword === 'additionalProperties') {
      return { path: `${error.instancePath}/${params.additionalProperty}`, message: 'is not known here' };
    }
    if (error.keyword === 'required') {
      return { path: `${error.instancePath}/${params.missingProperty}`, message: 'is missing' };
    }
    if (error.keyword === 'enum') {
      return { path: error.instancePath, message: `must be one of ${params.allowedValues?.join(', ')}` };
    }
    return { path: error.instancePath, message: error.message ?? 'is not valid' };
  });
}

/** The error's message, with the problems that it does not name already. */
export function fullMessage(error: ErrandError): string {
  const unnamed = error.problems.filter((problem) => !error.message.includes(problem.path));
  return unnamed.length === 0 ? error.message : `${error.message} (${describeProblems(unnamed)})`;
}
