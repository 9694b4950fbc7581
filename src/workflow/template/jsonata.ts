import jsonata from 'jsonata';
import { errorMessage } from '../../core/errors.js';
import { parseJson as readJson } from '../../core/text/parse-json.js';
import { cutText } from '../../core/text/cut-text.js';
import type { Chance, Evaluation } from '../../core/ports/isolation.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { toPlainJson } from '../schema/plain-json.js';
import { chanceOf, type Focus, openChance, registerVolatile } from './volatile.js';
import { ExpressionRegex } from '../../schema/regex/linear-regex.js';

export interface CompiledJsonata {
  /** Its syntax tree. */
  readonly ast: unknown;
  /** Never rejects. Without `chance`, chance and time are those of this moment. */
  evaluate(scope: unknown, chance?: Chance): Promise<Evaluation>;
}

/** An expression that JSONata cannot read: its message says why and at which character. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';
}

/** How long an expression may compute unless something else is said, in milliseconds. */
export const EXPRESSION_TIME_MS = 2_000;

/**
 * JSONata looks at its guards only between two steps of an expression, so one function that takes long is not bounded
 * by them. `stack` counts the parts of an object or group that are worked on side by side too, so it must not be small.
 */
const GUARDS = { stack: 50_000, sequence: 5_000_000 };

/** So many characters of expressions are remembered. */
const MAX_REMEMBERED = 50_000;
/** The latest that were compiled for the usual time, by their text: the oldest first. */
const remembered = new Map<string, CompiledJsonata>();
let rememberedLength = 0;

/**
 * A definition is checked, and then made a plan of; and many of one folder hold the same expressions. Each is compiled
 * once: nothing of an evaluation stays in what is compiled.
 */
export function compileJsonata(source: string, timeMs = EXPRESSION_TIME_MS): CompiledJsonata {
  if (timeMs !== EXPRESSION_TIME_MS) return compileAnew(source, timeMs);
  const known = remembered.get(source);
  if (known !== undefined) return known;
  const compiled = compileAnew(source, timeMs);
  if (source.length > MAX_REMEMBERED) return compiled;
  remembered.set(source, compiled);
  rememberedLength += source.length;
  for (const [oldest] of remembered) {
    if (rememberedLength <= MAX_REMEMBERED) break;
    remembered.delete(oldest);
    rememberedLength -= oldest.length;
  }
  return compiled;
}

function compileAnew(source: string, timeMs: number): CompiledJsonata {
  const compiled = compile(source, timeMs);
  return {
    ast: compiled.ast(),
    evaluate: async (scope, chance) => {
      try {
        const value: unknown = await compiled.evaluate(scope, openChance(chance));
        return { status: 'ok', value: value === undefined ? undefined : toPlainJson(value) };
      } catch (thrown) {
        return { status: 'failed', message: cutText(thrownText(thrown), PAYLOAD_LIMITS.errorMessage) };
      }
    },
  };
}

function compile(source: string, timeMs: number): jsonata.Expression {
  const RegexEngine = ExpressionRegex as unknown as RegExpConstructor;
  try {
    const compiled = jsonata(source, { ...GUARDS, timeout: timeMs, RegexEngine });
    compiled.registerFunction('parseJson', parseJson, '<s-:x>');
    compiled.registerFunction('eval', evaluateText(timeMs), '<sx?:x>');
    compiled.registerFunction('pad', pad, '<s-ns?:s>');
    registerVolatile(compiled);
    return compiled;
  } catch (thrown) {
    const position = typeof thrown === 'object' && thrown !== null && 'position' in thrown ? thrown.position : null;
    const where = typeof position === 'number' ? ` (at character ${position} of the expression)` : '';
    throw new ExpressionSyntaxError(`${thrownText(thrown)}${where}`, { cause: thrown });
  }
}

/** `$parseJson(text)` */
function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const parsed = readJson(text);
  if (parsed.kind === 'json') return parsed.json;
  const why = parsed.reason === 'syntax' ? parsed.detail : parsed.message;
  throw new Error(`$parseJson() was given a text that is not JSON: ${why}`);
}

/**
 * `$eval(text, context)`: unlike JSONata's own, the expression in the text sees nothing but the context that it is
 * given.
 */
function evaluateText(timeMs: number) {
  return async function evaluateIn(this: Focus, text: string | undefined, context: unknown): Promise<unknown> {
    if (text === undefined) return undefined;
    const expression = compile(text, timeMs);
    return (await expression.evaluate(context, chanceOf(this))) as unknown;
  };
}

/** `$pad(text, width, char)`: JSONata's own makes a text of any width. */
function pad(text: string | undefined, width: number, char?: string): string | undefined {
  if (text === undefined) return undefined;
  const missing = Math.abs(Math.trunc(width)) - Array.from(text).length;
  if (missing <= 0) return text;
  if (missing > PAYLOAD_LIMITS.output) {
    throw new Error(`$pad() to a width of ${width} would give more than ${PAYLOAD_LIMITS.output} characters`);
  }
  const chars = Array.from(char === undefined || char === '' ? ' ' : char);
  const whole = chars.join('').repeat(Math.floor(missing / chars.length));
  const padding = whole + chars.slice(0, missing % chars.length).join('');
  return width > 0 ? text + padding : padding + text;
}

/** JSONata throws plain objects with a message. */
function thrownText(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string') {
    return thrown.message;
  }
  return errorMessage(thrown);
}
