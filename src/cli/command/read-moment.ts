import { parseMoment } from '../../core/time/moment.js';
import { UsageError } from '../terminal/usage-error.js';

/** Epoch milliseconds; null when nothing was given. */
export function readMoment(text: string | undefined): number | null {
  if (text === undefined) return null;
  const moment = parseMoment(text);
  if (moment !== null) return moment;
  throw new UsageError(`--at must be a time, as in 2026-11-21T20:00:00Z, not ${JSON.stringify(text)}.`);
}
