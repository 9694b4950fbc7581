import { parseMoment } from '../../core/time/moment.js';
import { invalidInput } from './check-value.js';

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** A time that a caller gave, in epoch milliseconds; null for none. Throws `invalid_input` for what is no time. */
export function readMoment(field: string, text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const at = RFC_3339.test(text) ? parseMoment(text) : null;
  if (at !== null) return at;
  const message = 'must be an RFC 3339 time by the year 9999, such as 2027-01-31T12:00:00Z';
  throw invalidInput('The fields', [{ path: `/${field}`, message }]);
}
