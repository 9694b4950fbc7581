import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** Rows that are made beyond each edge of what can be seen. */
const BEYOND = 12;
/** The rows that are made change once so many have gone by. */
const STEP = 4;
/** Before the box has been measured. */
const ASSUMED_PX = 560;

export interface FixedRows {
  /** Of the rows that are made. */
  readonly indexes: readonly number[];
  /** Of all rows together. */
  readonly height: number;
}

/**
 * Of very many rows of one height in a box that scrolls, those to make. What a row costs depends on its being made
 * alone: nothing is kept for the others. Where the row that has the focus is scrolled away, the box gets it.
 */
export function useFixedRows(box: RefObject<HTMLElement | null>, count: number, rowPx: number): FixedRows {
  const [seen, setSeen] = useState({ first: 0, last: Math.ceil(ASSUMED_PX / rowPx) });
  const isShown = count > 0;
  const hadFocus = useRef(false);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = (): void => {
      hadFocus.current = element !== document.activeElement && element.contains(document.activeElement);
      const first = Math.floor(element.scrollTop / rowPx / STEP) * STEP;
      const rows = Math.ceil(element.clientHeight / rowPx / STEP) * STEP + STEP;
      setSeen((was) => (was.first === first && was.last === first + rows ? was : { first, last: first + rows }));
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box, rowPx, isShown]);
  useLayoutEffect(() => {
    if (hadFocus.current && document.activeElement === document.body) box.current?.focus({ preventScroll: true });
    hadFocus.current = false;
  }, [box, seen]);
  const from = Math.max(0, Math.min(seen.first, count - 1) - BEYOND);
  const length = Math.max(0, Math.min(count, seen.last + BEYOND) - from);
  return { indexes: Array.from({ length }, (_, place) => from + place), height: count * rowPx };
}
