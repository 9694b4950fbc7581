import jsonata from 'jsonata';
import { errorMessage } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { ExpressionScope } from '../plan/plan.js';
import { toPlainJson } from '../plan/plain-json.js';

/** One compiled JSONata expression. */
export interface Expression {
  readonly source: string;
  /** JSONata's syntax tree; null where the expression is a plain path, whose steps are then in `path`. */
  readonly ast: unknown;
  readonly path: readonly string[] | null;
  /** Undefined when the expression finds nothing. Throws, or rejects with, a NodeFailure of kind `invalid_expression`. */
  evaluate(scope: ExpressionScope): Json | undefined | Promise<Json | undefined>;
}

/** An expression that JSONata cannot read: its message says why and at which character. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
}

/**
 * JSONata's own guards. An expression that loops holds up the whole process until its time is over; one that recurses costs
 * memory for each level. `stack` counts the parts of an object or group that are worked on side by side too, so it must not be small.
 */
const GUARDS = { timeout: 2_000, stack: 50_000, sequence: 5_000_000 };

const PLAIN_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

export function compileExpression(source: string): Expression {
  const trimmed = source.trim();
  if (trimmed === '') throw new ExpressionSyntaxError('the expression is empty');
  const compiled = compileJsonata(source);
  const evaluateJsonata = async (scope: ExpressionScope): Promise<Json | undefined> => {
    try {
      const value: unknown = await compiled.evaluate(scope);
      return value === undefined ? undefined : toPlainJson(value);
    } catch (thrown) {
      throw invalidExpression(source, thrown);
    }
  };
  const path = PLAIN_PATH.test(trimmed) ? trimmed.split('.') : null;
  if (path === null || path.some((step) => KEYWORDS.has(step))) {
    return { source, ast: compiled.ast(), path: null, evaluate: evaluateJsonata };
  }
  return {
    source,
    ast: null,
    path,
    evaluate: (scope) => {
      const found = followPath(scope, path);
      return found === HAS_ARRAY ? evaluateJsonata(scope) : found;
    },
  };
}

function compileJsonata(source: string): jsonata.Expression {
  try {
    return jsonata(source, GUARDS);
  } catch (thrown) {
    const position = typeof thrown === 'object' && thrown !== null && 'position' in thrown ? thrown.position : null;
    const where = typeof position === 'number' ? ` (at character ${position} of the expression)` : '';
    throw new ExpressionSyntaxError(`${thrownText(thrown)}${where}`, { cause: thrown });
  }
}

const HAS_ARRAY = Symbol('an array on the path');

/** What a plain path leads to. JSONata maps over arrays on the way, which is left to it. */
function followPath(scope: ExpressionScope, path: readonly string[]): Json | undefined | typeof HAS_ARRAY {
  let current: unknown = scope;
  for (const step of path) {
    if (Array.isArray(current)) return HAS_ARRAY;
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as { readonly [key: string]: unknown })[step];
  }
  return current as Json | undefined;
}

/** Whether a condition holds, by JSONata's rules: empty strings, arrays and objects, 0, null and nothing are false. */
export function isTruthy(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(isTruthy);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function invalidExpression(source: string, thrown: unknown): NodeFailure {
  return new NodeFailure(`the expression {{ ${source.trim()} }} failed: ${thrownText(thrown)}`, {
    kind: 'invalid_expression',
    retryable: false,
    cause: thrown,
  });
}

/** JSONata throws plain objects with a message. */
function thrownText(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string') {
    return thrown.message;
  }
  return errorMessage(thrown);
}
