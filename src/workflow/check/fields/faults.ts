import type { Json } from '../../../core/json.js';
import { didYouMean } from '../../schema/did-you-mean.js';
import { toPlainJson } from '../../schema/plain-json.js';
import { type DefinitionPath, formatPath } from '../../schema/value-text.js';

/** One thing wrong with a definition. */
export interface DefinitionFault {
  /** `nodes[2].needs[0]`; empty for the definition as a whole. */
  readonly path: string;
  /** The same place, for looking up where it stands in a file. */
  readonly at: DefinitionPath;
  readonly message: string;
  /** The offending value; absent where something is missing. */
  readonly value?: Json;
}

/** Letters compared with letters, for what was meant in place of names that are not there: some 10 ms. */
const MAX_COMPARED = 500_000;

/** Gathers faults, so that every check can go on after the first. */
export class Faults {
  readonly list: DefinitionFault[] = [];
  /** What works, but may not work as its author expects. */
  readonly warnings: DefinitionFault[] = [];
  #compared = 0;

  add(at: DefinitionPath, message: string, value?: unknown): void {
    this.list.push(toFault(at, message, value));
  }

  warn(at: DefinitionPath, message: string, value?: unknown): void {
    this.warnings.push(toFault(at, message, value));
  }

  /** `didYouMean` among names of the definition's own, as long as there are not very many, or very many faults. */
  didYouMean(word: string, names: ReadonlySet<string>): string {
    if (this.#compared > MAX_COMPARED) return '';
    for (const name of names) this.#compared += word.length * name.length;
    return this.#compared > MAX_COMPARED ? '' : didYouMean(word, names);
  }
}

function toFault(at: DefinitionPath, message: string, value: unknown): DefinitionFault {
  const path = formatPath(at);
  return value === undefined ? { path, at, message } : { path, at, message, value: asJson(value) };
}

function asJson(value: unknown): Json {
  try {
    return toPlainJson(value);
  } catch {
    return typeof value;
  }
}
