import type { CliContext } from './cli-context.js';
import { UsageError } from '../terminal/usage-error.js';

/** One command of `errand`. */
export interface CliCommand {
  /** As typed: `run`, or `keys create` for a command of a group. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What its own help says beyond that. */
  readonly details?: string;
  /** `<name>` is required, `[name]` is not. */
  readonly arguments?: readonly { readonly name: string; readonly description: string }[];
  readonly options?: readonly CliOption[];
  readonly examples: readonly string[];
  /** Gives the exit code. */
  run(context: CliContext, given: GivenOptions): Promise<number>;
}

export interface CliOption {
  readonly flags: string;
  readonly description: string;
  /** The option is also set by this environment variable. Only named in the help: who reads it is up to the command. */
  readonly env?: string;
  readonly choices?: readonly string[];
  /** It may be given several times. */
  readonly isRepeatable?: true;
}

/** Commands under one word: `errand keys …`. The word alone stands for the command named `list` or `show` in it. */
export interface CliGroup {
  readonly name: string;
  readonly summary: string;
  readonly standsFor: string;
}

/** What was typed after a command. */
export class GivenOptions {
  readonly #arguments: readonly (string | undefined)[];
  readonly #options: { readonly [name: string]: unknown };

  constructor(positional: readonly (string | undefined)[], options: { readonly [name: string]: unknown }) {
    this.#arguments = positional;
    this.#options = options;
  }

  argument(index: number): string {
    return this.#arguments[index] ?? '';
  }

  /** The value of `--name value`. */
  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** The values of `--name value`, given so often. */
  texts(name: string): readonly string[] | undefined {
    const values = this.#options[name];
    return Array.isArray(values) ? (values as readonly string[]) : undefined;
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  /** The value of `--name value` as a whole number. */
  number(name: string, range: { readonly min: number; readonly max?: number }): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : wholeNumber(text, `--${name}`, range);
  }
}

export function wholeNumber(
  text: string,
  what: string,
  range: { readonly min: number; readonly max?: number },
): number {
  const value = Number(text);
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  if (/^\d+$/.test(text) && value >= range.min && value <= max) return value;
  const allowed = range.max === undefined ? `${range.min} or more` : `${range.min} to ${range.max}`;
  throw new UsageError(`${what} must be a whole number, ${allowed}; it is '${text}'.`);
}

/** `{ name: value }`, or nothing at all when there is no value: for optional fields of a request. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: Value });
}
