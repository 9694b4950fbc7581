import { describe, expect, it } from 'vitest';
import { cursorKey, slicePage, toCursor } from './paging.js';

const keyOf = (item: string) => item;

describe('pageOf', () => {
  it('gives every item once, page by page', () => {
    const items = ['a', 'b', 'c', 'd', 'e'];
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: ReturnType<typeof slicePage<string>> = slicePage(items, { cursor, keyOf, size: 2 });
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(items);
  });

  it('goes on where it was although the last item seen is gone', () => {
    const { nextCursor } = slicePage(['a', 'b', 'c'], { cursor: null, keyOf, size: 2 });
    expect(slicePage(['a', 'aa', 'c'], { cursor: nextCursor, keyOf, size: 2 }).items).toEqual(['c']);
  });

  it('has no next page at the end', () => {
    expect(slicePage(['a', 'b'], { cursor: null, keyOf, size: 2 }).nextCursor).toBeNull();
    expect(slicePage(['a'], { cursor: toCursor('z'), keyOf })).toEqual({ items: [], nextCursor: null });
  });
});

describe('cursorKey', () => {
  it('gives back what the cursor was made of, and refuses every other text', () => {
    expect(cursorKey(toCursor('ö"x'))).toBe('ö"x');
    for (const cursor of ['', 'x', '!!', Buffer.from('b').toString('base64url'), `${toCursor('a')} `]) {
      expect(() => cursorKey(cursor)).toThrow(/cursor/);
    }
  });
});
