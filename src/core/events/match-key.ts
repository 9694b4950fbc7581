import type { Json } from '../json.js';

/** The key of an event as text: 7 and "7" are the same. Empty for none. */
export function toMatchKey(given: Json | undefined): string {
  if (given === undefined || given === null) return '';
  return typeof given === 'string' ? given : JSON.stringify(given);
}
