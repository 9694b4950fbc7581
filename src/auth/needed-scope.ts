import type { ErrandError } from '../core/errors.js';

/** What a client is to ask for that has signed in for less than it wants now; null for every other error. */
export function neededScope({ code, details }: ErrandError): string | null {
  const needed = details['needed_scope'];
  return code === 'forbidden' && typeof needed === 'string' ? needed : null;
}
