import { ErrandError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Page } from '../contract/paging.js';

/** Null for the first page, which clients also ask for with null and with an empty text. */
export function readCursor(params: JsonObject): string | null {
  const { cursor = null } = params;
  if (cursor === null || cursor === '') return null;
  if (typeof cursor === 'string') return cursor;
  throw new ErrandError('invalid_input', '"cursor" must be a string.');
}

/** A page as results hold it, its items under the name that the method has for them. */
export function pageFields<T>(name: string, page: Page<T>): Record<string, unknown> {
  return { [name]: page.items, ...(page.nextCursor === null ? {} : { nextCursor: page.nextCursor }) };
}
