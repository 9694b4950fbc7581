import { ErrandError } from '../../core/errors.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** What asks for the page after this one; null at the end. */
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** As a client sent it; null for the first page. */
  readonly cursor: string | null;
}

const PAGE_SIZE = 100;

/**
 * The page of a list that is sorted by `keyOf`. A cursor holds the key of the last item seen, so that items that come
 * and go between two pages neither repeat nor hide others. Throws `invalid_input` for a cursor that is not one of
 * these.
 */
export function slicePage<T>(
  items: readonly T[],
  options: { readonly cursor: string | null; readonly keyOf: (item: T) => string; readonly size?: number },
): Page<T> {
  const { cursor, keyOf, size = PAGE_SIZE } = options;
  const last = cursor === null ? null : cursorKey(cursor);
  const found = last === null ? 0 : items.findIndex((item) => keyOf(item) > last);
  const start = found === -1 ? items.length : found;
  const page = items.slice(start, start + size);
  const lastOfPage = page.at(-1);
  const more = lastOfPage !== undefined && start + size < items.length;
  return { items: page, nextCursor: more ? toCursor(keyOf(lastOfPage)) : null };
}

const MARK = 'after:';

export function toCursor(key: string): string {
  return Buffer.from(MARK + key, 'utf8').toString('base64url');
}

/** The key that a cursor was made of. Throws `invalid_input`. */
export function cursorKey(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith(MARK) || toCursor(text.slice(MARK.length)) !== cursor) {
    throw new ErrandError('invalid_input', 'This cursor is not one that this list gave.');
  }
  return text.slice(MARK.length);
}
