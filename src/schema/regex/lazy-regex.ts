import { compileLinear } from './linear-regex.js';

interface LazyRegexParams {
  readonly pattern: string;
  readonly flags: string;
  /**
   * Whether every text matches a pattern that cannot be had in linear time. If not, the engine of JavaScript takes it,
   * without a bound on its time.
   */
  readonly passInexpressible: boolean;
}

/**
 * A pattern of a schema, for tests only. Throws a `SyntaxError` for one that is none; compiled when it is first needed.
 */
export class LazyRegex {
  readonly #native: RegExp;
  readonly #passInexpressible: boolean;
  #test: ((text: string) => boolean) | null = null;

  constructor({ pattern, flags, passInexpressible }: LazyRegexParams) {
    this.#native = new RegExp(pattern, flags);
    this.#passInexpressible = passInexpressible;
  }

  test(text: string): boolean {
    this.#test ??= this.#compile();
    return this.#test(text);
  }

  /** Ajv tells patterns apart by it. */
  toString(): string {
    return this.#native.toString();
  }

  #compile(): (text: string) => boolean {
    const linear = compileLinear(this.#native.source, this.#native.flags);
    if (linear !== null) return (text) => linear.engine.test(text);
    return this.#passInexpressible ? () => true : (text) => this.#native.test(text);
  }
}
