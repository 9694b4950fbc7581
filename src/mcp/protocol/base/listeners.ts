import type { CallContext } from '../../contract/call-context.js';

/** Calls `end` once: when the client goes away, the server stops, or the caller's key ends. */
export function onceOver({ services, caller, signal }: CallContext, end: () => void): void {
  let over = false;
  let unwatch: () => void = () => undefined;
  const endOnce = (): void => {
    if (over) return;
    over = true;
    unwatch();
    end();
  };
  if (signal.aborted) return endOnce();
  signal.addEventListener('abort', endOnce, { once: true });
  unwatch = services.onKeyEnded(caller, endOnce);
}
