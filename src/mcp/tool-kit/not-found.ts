import { isErrandError } from '../../core/errors.js';

/** For a rejected call: null when what it asked for was not found; anything else is thrown on. */
export function nullIfNotFound(thrown: unknown): null {
  if (isErrandError(thrown) && thrown.code === 'not_found') return null;
  throw thrown;
}

/** An id as a message shows it. */
export function quoteId(id: string): string {
  return JSON.stringify(id.length > 100 ? `${id.slice(0, 100)}…` : id);
}
