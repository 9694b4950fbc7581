import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Problem } from '../../core/errors.js';
import { didYouMean } from './did-you-mean.js';
import { showType, showValue } from './value-text.js';

/** Ajv's errors in words: each names the place, what was expected and what is there instead. */
export function describeErrors(errors: readonly ErrorObject[]): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const { error, branches } of gatherBranches(errors)) {
    const problem = describeError(error, branches);
    if (problem === null) continue;
    const key = `${problem.path}\n${problem.message}`;
    if (!seen.has(key)) problems.push(problem);
    seen.add(key);
  }
  return problems;
}

/** An error, and for an `anyOf` or `oneOf` those of its branches, which tell why none of them fits. */
interface ErrorGroup {
  readonly error: ErrorObject;
  readonly branches: readonly ErrorGroup[];
}

/** Ajv tells the errors of the branches right before the choice that they belong to. */
function gatherBranches(errors: readonly ErrorObject[]): readonly ErrorGroup[] {
  const groups: ErrorGroup[] = [];
  for (const error of errors) {
    let first = groups.length;
    if (isChoice(error)) while (first > 0 && isBranch(groups[first - 1]?.error, error)) first--;
    groups.push({ error, branches: groups.splice(first) });
  }
  return groups;
}

function isChoice(error: ErrorObject): boolean {
  return error.keyword === 'anyOf' || (error.keyword === 'oneOf' && error.params['passingSchemas'] === null);
}

function isBranch(error: ErrorObject | undefined, choice: ErrorObject): boolean {
  if (error === undefined || !error.instancePath.startsWith(choice.instancePath)) return false;
  // A branch that is a reference tells the path of what it refers to.
  return error.schemaPath.startsWith(`${choice.schemaPath}/`) || /^#\/(\$defs|definitions)\//.test(error.schemaPath);
}

function describeError(error: ErrorObject, branches: readonly ErrorGroup[]): Problem | null {
  const at = (key: unknown): string => `${error.instancePath}/${escapeToken(String(key))}`;
  const params: { readonly [name: string]: unknown } = error.params;
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired': {
      const name = params['missingProperty'];
      return { path: at(name), message: `the required property ${showValue(name)} is missing` };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      return { path: at(name), message: `unknown property "${name}"${didYouMean(name, knownProperties(error))}` };
    }
    case 'if':
      // The `then` or `else` branch tells its own errors.
      return null;
    default:
      return { path: error.instancePath, message: describeMismatch(error, branches) };
  }
}

function describeMismatch(error: ErrorObject, branches: readonly ErrorGroup[]): string {
  const value: unknown = error.data;
  const params: { readonly [name: string]: unknown } = error.params;
  switch (error.keyword) {
    case 'type':
      return `must be ${listTypes(params['type'])}, but is ${showType(value)}${quoted(value)}`;
    case 'enum':
      return `must be one of ${asList(params['allowedValues']).map(showValue).join(', ')}, but is ${showValue(value)}`;
    case 'const':
      return `must be ${showValue(params['allowedValue'])}, but is ${showValue(value)}`;
    case 'format':
      return `must be a valid ${String(params['format'])}, but is ${showValue(value)}`;
    case 'pattern':
      return `must match the pattern ${String(params['pattern'])}, but is ${showValue(value)}`;
    case 'false schema':
      return 'must not be there';
    case 'anyOf':
    case 'oneOf':
      return describeChoice(error, branches);
    default:
      return `${error.message ?? `does not fit "${error.keyword}"`}${typeof value === 'object' ? '' : `, but is ${showValue(value)}`}`;
  }
}

function describeChoice(error: ErrorObject, branches: readonly ErrorGroup[]): string {
  if (!isChoice(error)) return `fits more than one of the forms of which it may fit only one${quoted(error.data)}`;
  const isTypeHere = (other: ErrorObject): boolean =>
    other.keyword === 'type' && other.instancePath === error.instancePath;
  if (branches.every((branch) => isTypeHere(branch.error))) {
    const types = branches.flatMap((branch) => asList(branch.error.params['type'] as unknown));
    return `must be ${listTypes(types)}, but is ${showType(error.data)}${quoted(error.data)}`;
  }
  const reasons = branches.flatMap((branch) => {
    const problem = describeError(branch.error, branch.branches);
    if (problem === null) return [];
    const inner = problem.path.slice(error.instancePath.length);
    return inner === '' ? problem.message : `${inner}: ${problem.message}`;
  });
  const told = [...new Set(reasons)].slice(0, 5);
  return `fits none of the forms that are allowed here (${told.join('; ')})`;
}

function knownProperties(error: ErrorObject): readonly string[] {
  const properties: unknown = error.parentSchema?.['properties'];
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function listTypes(type: unknown): string {
  return asList(type).map(String).join(' or ');
}

/** A simple value in brackets; the type alone says enough of the others. */
function quoted(value: unknown): string {
  return value === null || typeof value === 'object' ? '' : ` (${showValue(value)})`;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
