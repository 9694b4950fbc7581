const TOUCH_INTERVAL_MS = 60_000;
const MAX_TOUCHED = 10_000;

interface Touchable {
  touch(params: { readonly id: string; readonly at: number }): Promise<void>;
}

/** Writes down that a grant or key is in use, without making the caller wait or fail. */
export function touchOncePerMinute(store: Touchable): (id: string, now: number) => void {
  const touchedAt = new Map<string, number>();
  return (id, now) => {
    const last = touchedAt.get(id);
    if (last !== undefined && Math.abs(now - last) < TOUCH_INTERVAL_MS) return;
    if (touchedAt.size >= MAX_TOUCHED) touchedAt.clear();
    touchedAt.set(id, now);
    void store.touch({ id, at: now }).catch(() => undefined);
  };
}
