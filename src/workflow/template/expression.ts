import { NodeFailure } from '../../core/handlers/node-kind.js';
import { countValues, type Json } from '../../core/json.js';
import type { Chance, Isolation } from '../../core/ports/isolation.js';
import type { ExpressionScope } from '../plan/plan.js';
import { countParts } from './cost.js';
import { compileJsonata, type CompiledJsonata, ExpressionSyntaxError } from './jsonata.js';
import { findReads, takeReads, type Reads } from './reads.js';
import { isVolatile } from './volatile.js';

/** One compiled JSONata expression. */
export interface Expression {
  readonly source: string;
  /** JSONata's syntax tree; null where the expression is a plain path, whose steps are then in `path`. */
  readonly ast: unknown;
  readonly path: readonly string[] | null;
  /** Whether it may ask for chance or time. */
  readonly volatile: boolean;
  /**
   * Undefined when the expression finds nothing. Throws, or rejects with, a NodeFailure of kind `invalid_expression`.
   */
  evaluate(scope: ExpressionScope, chance?: Chance): Json | undefined | Promise<Json | undefined>;
}

const PLAIN_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** Without `isolation`, everything is evaluated by this thread. */
export function compileExpression(source: string, isolation: Isolation | null = null): Expression {
  const trimmed = source.trim();
  if (trimmed === '') throw new ExpressionSyntaxError('the expression is empty');
  const evaluator = new Evaluator(source, isolation);
  const path = PLAIN_PATH.test(trimmed) ? trimmed.split('.') : null;
  if (path === null || path.some((step) => KEYWORDS.has(step))) {
    const { ast, volatile } = evaluator;
    return { source, ast, path: null, volatile, evaluate: (scope, chance) => evaluator.evaluate(scope, chance) };
  }
  return {
    source,
    ast: null,
    path,
    volatile: false,
    evaluate: (scope) => {
      const found = followPath(scope, path);
      return found === HAS_ARRAY ? evaluator.evaluate(scope) : found;
    },
  };
}

/**
 * The most that an expression does on this thread: its parts times the values that it reads. Some milliseconds at the
 * worst.
 */
const MAX_INLINE = 3_000;

/** Evaluates an expression by JSONata: here when that is certain to be short, else in isolation. */
class Evaluator {
  readonly #source: string;
  readonly #isolation: Isolation | null;
  readonly #compiled: CompiledJsonata;
  /** Found when the expression is first evaluated: most are only checked. */
  #found: { readonly reads: Reads; readonly parts: number | null } | null = null;

  constructor(source: string, isolation: Isolation | null) {
    this.#source = source;
    this.#isolation = isolation;
    this.#compiled = compileJsonata(source);
  }

  get ast(): unknown {
    return this.#compiled.ast;
  }

  get volatile(): boolean {
    return this.#source.includes('$') && isVolatile(this.#compiled.ast);
  }

  async evaluate(scope: ExpressionScope, chance?: Chance): Promise<Json | undefined> {
    const { ast } = this.#compiled;
    const { reads, parts } = (this.#found ??= { reads: findReads(ast), parts: countParts(ast) });
    const given = takeReads(scope, reads);
    const outcome =
      this.#isolation === null || isShort(parts, given)
        ? await this.#compiled.evaluate(given, chance)
        : await this.#isolation.evaluate({
            source: this.#source,
            scope: given,
            organizationId: scope.organization.id,
            chance,
          });
    if (outcome.status === 'ok') return outcome.value;
    throw new NodeFailure(`the expression {{ ${this.#source.trim()} }} failed: ${outcome.message}`, {
      kind: 'invalid_expression',
      retryable: false,
    });
  }
}

function isShort(parts: number | null, given: Json): boolean {
  return parts !== null && parts * countValues(given, MAX_INLINE / parts) <= MAX_INLINE;
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
