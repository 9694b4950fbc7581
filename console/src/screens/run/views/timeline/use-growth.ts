import { useLayoutEffect, type RefObject } from 'react';
import type { Scale } from './scale.js';

/** How often that moves which moves as little as it can. */
const STEP_MS = 1_000;

/**
 * Moves an element in from the left of the one around it, as time goes from `from` to the end of the scale. The browser
 * does it by itself: nothing is rendered for it.
 */
export function useGrowth(element: RefObject<HTMLElement | null>, { from, scale }: GrowthOptions): void {
  const { to } = scale;
  useLayoutEffect(() => {
    const duration = Math.max(1, to - from);
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const animation = element.current?.animate([{ transform: 'translateX(-100%)' }, { transform: 'none' }], {
      duration,
      easing: isCalm ? `steps(${Math.ceil(duration / STEP_MS)})` : 'linear',
      fill: 'both',
    });
    if (animation === undefined) return undefined;
    animation.currentTime = Math.max(0, Date.now() - from);
    return () => animation.cancel();
  }, [element, from, to]);
}

interface GrowthOptions {
  readonly from: number;
  readonly scale: Scale;
}
