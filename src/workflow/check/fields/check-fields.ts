import { didYouMean } from '../../schema/did-you-mean.js';
import { parseDuration } from '../../../core/time/duration.js';
import type { Faults } from './faults.js';
import { type DefinitionPath, showType } from '../../schema/value-text.js';

/** Tells what is wrong with a value that is there. */
export type FieldCheck = (value: unknown, at: DefinitionPath, faults: Faults) => void;

export interface FieldRule {
  readonly required?: boolean;
  /** Not offered as a field that there is. */
  readonly hidden?: boolean;
  readonly check: FieldCheck;
}

export type FieldRules = { readonly [name: string]: FieldRule };

export type Fields = { readonly [name: string]: unknown };

/** Checks an object field by field; false when it is not an object at all. */
export function checkFields(params: {
  readonly value: unknown;
  readonly at: DefinitionPath;
  /** What the object is, for messages: `a node`. */
  readonly what: string;
  readonly rules: FieldRules;
  readonly faults: Faults;
}): params is typeof params & { readonly value: Fields } {
  const { value, at, what, rules, faults } = params;
  if (!isFields(value)) {
    faults.add(at, `${what} must be an object, not ${showType(value)}`, value);
    return false;
  }
  for (const [name, rule] of Object.entries(rules)) {
    const field = value[name];
    if (field !== undefined) rule.check(field, [...at, name], faults);
    else if (rule.required === true) faults.add(at, `the required field "${name}" is missing`);
  }
  addUnknown({ value, at, what, rules, faults });
  return true;
}

/** Of more unknown fields in one object, only how many they are is told: each costs a search for what was meant. */
const MAX_UNKNOWN = 100;

function addUnknown({ value, at, what, rules, faults }: Parameters<typeof checkFields>[0] & { value: Fields }): void {
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(rules, name));
  if (unknown.length === 0) return;
  const known = Object.keys(rules).filter((field) => rules[field]?.hidden !== true);
  for (const name of unknown.slice(0, MAX_UNKNOWN)) {
    const hint = didYouMean(name, known) || `; ${what} has ${known.join(', ')}`;
    faults.add([...at, name], `unknown field "${name}"${hint}`, value[name]);
  }
  const more = unknown.length - MAX_UNKNOWN;
  if (more > 0) faults.add(at, `${more} more fields are unknown; ${what} has ${known.join(', ')}`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const text: FieldCheck = (value, at, faults) => {
  if (typeof value !== 'string') faults.add(at, `must be text, not ${showType(value)}`, value);
  else if (value.trim() === '') faults.add(at, 'must not be empty', value);
};

export const trueOrFalse: FieldCheck = (value, at, faults) => {
  if (typeof value !== 'boolean') faults.add(at, `must be true or false, not ${showType(value)}`, value);
};

export const anything: FieldCheck = () => undefined;

export function identifier(pattern: RegExp, rule: string): FieldCheck {
  return (value, at, faults) => {
    if (typeof value !== 'string') faults.add(at, `must be text, not ${showType(value)}`, value);
    else if (!pattern.test(value)) faults.add(at, `must be ${rule}`, value);
  };
}

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): FieldCheck {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
  return (value, at, faults) => {
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
    if (!fits) faults.add(at, `must be a whole number, ${range}`, value);
  };
}

/** More than 0. */
export const amount: FieldCheck = (value, at, faults) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    faults.add(at, `must be a number above 0${typeof value === 'number' ? '' : `, not ${showType(value)}`}`, value);
  }
};

export function oneOf(...allowed: readonly string[]): FieldCheck {
  return (value, at, faults) => {
    if (typeof value === 'string' && allowed.includes(value)) return;
    const hint = typeof value === 'string' ? didYouMean(value, allowed) : '';
    faults.add(at, `must be ${allowed.join(' or ')}${hint}`, value);
  };
}

/** Longer than Node's timers can wait. */
const MAX_DURATION_MS = 24 * 86_400_000;

export function duration(leastMs: number): FieldCheck {
  return (value, at, faults) => {
    const milliseconds = parseDuration(value);
    if (milliseconds === null) {
      faults.add(at, 'must be a duration such as 500ms, 10s, 5m, 2h or 1d, or a number of milliseconds', value);
    } else if (milliseconds < leastMs) faults.add(at, `must be at least ${leastMs} ms`, value);
    else if (milliseconds > MAX_DURATION_MS) faults.add(at, 'must be at most 24 days', value);
  };
}
