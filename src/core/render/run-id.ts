import { isUuid } from '../text/uuid.js';

const PREFIX = 'run_';

/** A run's id as the REST API, the native contract and contract B show it: `run_` + UUID. */
export function renderRunId(id: string): string {
  return PREFIX + id;
}

/** The UUID of a shown id; null when the text is none. `prefix: 'optional'` takes a bare UUID too. */
export function parseRunId(text: string, prefix: 'required' | 'optional' = 'required'): string | null {
  const hasPrefix = text.startsWith(PREFIX);
  const id = hasPrefix ? text.slice(PREFIX.length) : text;
  return isUuid(id) && (hasPrefix || prefix === 'optional') ? id : null;
}
