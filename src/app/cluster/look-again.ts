import type { Clock } from '../../core/ports/clock.js';

/**
 * Looks again and again, so long after the end of the look before, until it is stopped. `look` is told whether it has
 * been meanwhile, and must not reject.
 */
export function lookAgain(params: {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly look: (isOver: () => boolean) => Promise<void>;
}): { stop(): void } {
  const { clock, everyMs, look } = params;
  let isOver = false;
  let cancel = (): void => undefined;
  const lookSoon = (): void => {
    if (!isOver) cancel = clock.schedule(everyMs, () => void look(() => isOver).finally(lookSoon));
  };
  lookSoon();
  return {
    stop: () => {
      isOver = true;
      cancel();
    },
  };
}
