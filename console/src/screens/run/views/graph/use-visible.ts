import { useEffect, useState, type RefObject } from 'react';

/** A part of a drawing, in its own measures. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Beyond what is seen, so much is drawn already; also the steps in which it changes. */
const MARGIN_PX = 400;

export const NOTHING: Area = { left: 0, top: 0, right: 0, bottom: 0 };

/** What of a drawing can be seen in an element that scrolls it, with what is near. */
export function useVisible(place: RefObject<HTMLElement | null>, scale: number): Area {
  const [area, setArea] = useState(NOTHING);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let frame = 0;
    const look = (): void => {
      const seen = areaOf(element, scale);
      setArea((known) => (isSame(known, seen) ? known : seen));
    };
    const lookSoon = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(look);
    };
    look();
    element.addEventListener('scroll', lookSoon, { passive: true });
    const observer = new ResizeObserver(lookSoon);
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', lookSoon);
      observer.disconnect();
    };
  }, [place, scale]);
  return area;
}

function areaOf({ scrollLeft, scrollTop, clientWidth, clientHeight }: HTMLElement, scale: number): Area {
  const down = (px: number): number => (Math.floor(px / MARGIN_PX) - 1) * (MARGIN_PX / scale);
  const up = (px: number): number => (Math.ceil(px / MARGIN_PX) + 1) * (MARGIN_PX / scale);
  return {
    left: down(scrollLeft),
    top: down(scrollTop),
    right: up(scrollLeft + clientWidth),
    bottom: up(scrollTop + clientHeight),
  };
}

function isSame(one: Area, other: Area): boolean {
  return one.left === other.left && one.top === other.top && one.right === other.right && one.bottom === other.bottom;
}

export function overlaps(one: Area, other: Area): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
