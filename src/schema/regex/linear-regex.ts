import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { translateRegex } from './translate.js';

/** Loaded when the first regular expression is compiled: most processes need it late or never. */
const loadPackage = createRequire(import.meta.url);
let re2: typeof RE2JS | null = null;

export interface LinearRegex {
  readonly engine: RE2JS;
  readonly sameMatches: boolean;
  readonly size: number;
}

/**
 * A regular expression whose time is linear in the length of the text; null for one that such an engine cannot express.
 */
export function compileLinear(source: string, flags: string): LinearRegex | null {
  const translated = translateRegex(source, flags);
  if (translated === null) return null;
  re2 ??= (loadPackage('re2js') as { readonly RE2JS: typeof RE2JS }).RE2JS;
  try {
    return { engine: re2.compile(translated.pattern), sameMatches: translated.sameMatches, size: translated.size };
  } catch {
    return null; // too many repetitions in each other, or a script that its tables do not have
  }
}

/**
 * What JSONata takes instead of `RegExp`: the same matches, in linear time where the expression allows it. Those
 * that it does not allow are left to the engine of JavaScript, so they must be evaluated where they can be ended.
 */
export class ExpressionRegex {
  lastIndex = 0;
  readonly #native: RegExp;
  readonly #linear: RE2JS | null;
  #text: string | null = null;
  #matcher: ReturnType<RE2JS['matcher']> | null = null;

  constructor(pattern: RegExp) {
    this.#native = new RegExp(pattern.source, pattern.flags);
    const linear = compileLinear(pattern.source, pattern.flags);
    this.#linear = linear?.sameMatches === true ? linear.engine : null;
  }

  exec(text: string): RegExpExecArray | null {
    if (this.#linear === null) {
      this.#native.lastIndex = this.lastIndex;
      const match = this.#native.exec(text);
      this.lastIndex = this.#native.lastIndex;
      return match;
    }
    return this.#find(text, this.#linear);
  }

  /** Whether its time grows with the text, and no faster. */
  get isLinear(): boolean {
    return this.#linear !== null;
  }

  /** As that of a `RegExp` with the flag `g`. */
  #find(text: string, engine: RE2JS): RegExpExecArray | null {
    if (this.#matcher === null || this.#text !== text) {
      this.#matcher = engine.matcher(text);
      this.#text = text;
    }
    const matcher = this.#matcher;
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
    const [whole = '', ...rest] = groups;
    // Typed as holding texts only; groups that took no part are undefined in it.
    return Object.assign([whole, ...rest] as [string, ...string[]], { index: matcher.start(), input: text });
  }
}
