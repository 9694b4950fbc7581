import { PRIORITIES, toPriority, type Priority } from '../../core/tenant/scheduling.js';
import { UsageError } from '../terminal/usage-error.js';

/** The value of `--priority`. */
export function readPriority(text: string | undefined): Priority | undefined {
  if (text === undefined) return undefined;
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : text;
  if (toPriority(value) !== null) return value as Priority;
  const { low, high } = PRIORITIES;
  throw new UsageError(
    `--priority must be ${Object.keys(PRIORITIES).join(', ')} or a whole number, ${low} to ${high}; it is '${text}'.`,
  );
}
