import { ErrandError } from '../../core/errors.js';
import { isJsonObject, type Json } from '../../core/json.js';
import { yieldIfBusy } from '../../core/event-loop.js';
import { writeInTurns } from '../../core/large-json/write-in-turns.js';
import { isLittle } from '../schema/plain-json.js';
import type { Chance, Isolation } from '../../core/ports/isolation.js';
import { compileExpression, type Expression, isTruthy } from './expression.js';
import { ExpressionSyntaxError } from './jsonata.js';
import type { ExpressionScope, Template } from '../plan/plan.js';
import { chanceWithin } from './volatile.js';
import { scanTemplate, type TemplatePart } from './scan-template.js';
import { type DefinitionPath, formatPath } from '../schema/value-text.js';

/** Where in the value an expression stands. */
export interface ExpressionUse {
  readonly path: DefinitionPath;
  readonly expression: Expression;
}

export interface TemplateFault {
  readonly path: DefinitionPath;
  readonly message: string;
  readonly value: string;
}

export interface ParsedTemplate {
  readonly template: Template;
  readonly uses: readonly ExpressionUse[];
  /** The template must not be evaluated when there are any. */
  readonly faults: readonly TemplateFault[];
}

type Evaluate = (scope: ExpressionScope, chance?: Chance) => Json | Promise<Json>;

interface Collected {
  readonly uses: ExpressionUse[];
  readonly faults: TemplateFault[];
  readonly isolation: Isolation | null;
}

/**
 * Compiles a value with `{{ … }}` in its strings, in any depth. Throws `invalid_definition`, naming every bad
 * expression.
 */
export function compileTemplate(value: Json, isolation: Isolation | null = null): Template {
  const { template, faults } = parseTemplate(value, isolation);
  if (faults.length === 0) return template;
  const problems = faults.map(({ path, message }) => ({ path: formatPath(path), message }));
  throw new ErrandError('invalid_definition', problems.map(({ message }) => message).join('; '), { problems });
}

/** As `compileTemplate`, but tells faults instead of throwing, and which expressions there are. */
export function parseTemplate(value: Json, isolation: Isolation | null = null): ParsedTemplate {
  const collected: Collected = { uses: [], faults: [], isolation };
  const evaluate = compileValue(value, [], collected);
  const template: Template =
    evaluate === null
      ? { constant: true, volatile: false, evaluate: () => value }
      : { constant: false, volatile: hasVolatile(collected), evaluate };
  return { template, uses: collected.uses, faults: collected.faults };
}

/** A `when`: one expression, bare or in `{{ }}`. What it evaluates to is true or false, by JSONata's rules. */
export function parseCondition(text: string, isolation: Isolation | null = null): ParsedTemplate {
  const collected: Collected = { uses: [], faults: [], isolation };
  const expression = compileString(bareExpression(text), [], collected, text);
  const evaluate: Evaluate = (scope, chance) => {
    const value = expression?.evaluate(scope, chance);
    return value instanceof Promise ? value.then(isTruthy) : isTruthy(value);
  };
  const template = { constant: false, volatile: hasVolatile(collected), evaluate };
  return { template, uses: collected.uses, faults: collected.faults };
}

function hasVolatile({ uses }: Collected): boolean {
  return uses.some(({ expression }) => expression.volatile);
}

function bareExpression(text: string): string {
  const scanned = scanTemplate(text);
  if (scanned.status !== 'ok') return text;
  const part = scanned.parts[loneExpression(scanned.parts) ?? -1];
  return part?.kind === 'expression' ? part.source : text;
}

/** Null when there is nothing to evaluate. */
function compileValue(value: Json, path: DefinitionPath, collected: Collected): Evaluate | null {
  if (typeof value === 'string') return compileText(value, path, collected);
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item, index) => compileValue(item, [...path, index], collected));
    if (items.every((item) => item === null)) return null;
    const evaluators = items.map((item, index) => item ?? constant((value as readonly Json[])[index] ?? null));
    return (scope, chance) => evaluateAll(evaluators, scope, chance);
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    const fields = keys.map((key) => compileValue(value[key] ?? null, [...path, key], collected));
    if (fields.every((field) => field === null)) return null;
    const evaluators = fields.map((field, index) => field ?? constant(value[keys[index] ?? ''] ?? null));
    return (scope, chance) => {
      const values = evaluateAll(evaluators, scope, chance);
      return values instanceof Promise ? values.then((done) => zip(keys, done)) : zip(keys, values);
    };
  }
  return null;
}

function compileText(text: string, path: DefinitionPath, collected: Collected): Evaluate | null {
  if (!text.includes('{{')) return null;
  const scanned = scanTemplate(text);
  if (scanned.status === 'unclosed') {
    collected.faults.push({ path, message: 'an expression that opens with {{ is never closed with }}', value: text });
    return constant(null);
  }
  const evaluators = scanned.parts.map((part, index): Evaluate => {
    if (part.kind === 'text') return constant(part.text);
    const expression = compileString(part.source, path, collected, text);
    if (expression?.volatile !== true) return (scope) => orNull(expression?.evaluate(scope));
    const place = formatPath([...path, index]);
    return (scope, chance) => orNull(expression.evaluate(scope, chanceWithin(chance, place)));
  });
  const lone = loneExpression(scanned.parts);
  if (lone !== null) return evaluators[lone] ?? null;
  return (scope, chance) => {
    const values = evaluateAll(evaluators, scope, chance);
    return values instanceof Promise ? values.then(joinText) : joinText(values);
  };
}

/**
 * Which part is an expression with nothing but space around it; null when there is other text. The space has no
 * meaning: YAML's block texts end with a line break.
 */
function loneExpression(parts: readonly TemplatePart[]): number | null {
  const meaningful = parts.filter((part) => part.kind === 'expression' || part.text.trim() !== '');
  const [only] = meaningful;
  return meaningful.length === 1 && only?.kind === 'expression' ? parts.indexOf(only) : null;
}

function compileString(source: string, path: DefinitionPath, collected: Collected, value: string): Expression | null {
  try {
    const expression = compileExpression(source, collected.isolation);
    collected.uses.push({ path, expression });
    return expression;
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
    collected.faults.push({ path, message: `bad expression: ${thrown.message}`, value });
    return null;
  }
}

function constant(value: Json): Evaluate {
  return () => value;
}

function orNull(value: Json | undefined | Promise<Json | undefined>): Json | Promise<Json> {
  return value instanceof Promise ? value.then((done) => done ?? null) : (value ?? null);
}

/** Waits only where there is something to wait for. */
function evaluateAll(
  evaluators: readonly Evaluate[],
  scope: ExpressionScope,
  chance: Chance | undefined,
): readonly Json[] | Promise<readonly Json[]> {
  const values: Json[] = [];
  for (const evaluate of evaluators) {
    const value = evaluate(scope, chance);
    if (value instanceof Promise) return evaluateRest({ evaluators, scope, chance, values, first: value });
    values.push(value);
  }
  return values;
}

/** One after the other, so that short ones, however many, do not add up to a long turn of the event loop. */
async function evaluateRest(params: {
  readonly evaluators: readonly Evaluate[];
  readonly scope: ExpressionScope;
  readonly chance: Chance | undefined;
  readonly values: Json[];
  readonly first: Promise<Json>;
}): Promise<readonly Json[]> {
  const { evaluators, scope, chance, values, first } = params;
  values.push(await first);
  for (const evaluate of evaluators.slice(values.length)) {
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
    values.push(await evaluate(scope, chance));
  }
  return values;
}

function zip(keys: readonly string[], values: readonly Json[]): Json {
  // Assigning to this name would set the prototype.
  if (keys.includes('__proto__')) return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
  const object: { [key: string]: Json } = {};
  for (const [index, key] of keys.entries()) object[key] = values[index] ?? null;
  return object;
}

function joinText(values: readonly Json[]): string | Promise<string> {
  if (values.some((value) => typeof value === 'object' && !isLittle(value))) return joinLong(values);
  // Long texts are not copied by this, as they are where they are joined.
  let text = '';
  for (const value of values) text += typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return text;
}

async function joinLong(values: readonly Json[]): Promise<string> {
  let text = '';
  for (const value of values)
    text += typeof value === 'string' ? value : value === null ? '' : await writeInTurns(value);
  return text;
}
