import type { Json } from '../../core/json.js';
import { toPlainJson } from '../plan/plain-json.js';
import { type DefinitionPath, formatPath } from '../plan/value-text.js';

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

/** Gathers faults, so that every check can go on after the first. */
export class Faults {
  readonly list: DefinitionFault[] = [];

  add(at: DefinitionPath, message: string, value?: unknown): void {
    const path = formatPath(at);
    this.list.push(value === undefined ? { path, at, message } : { path, at, message, value: asJson(value) });
  }
}

function asJson(value: unknown): Json {
  try {
    return toPlainJson(value);
  } catch {
    return typeof value;
  }
}
