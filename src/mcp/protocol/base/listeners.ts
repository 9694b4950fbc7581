import type { Principal } from '../../../core/tenant/principal.js';
import type { CallContext } from '../../contract/call-context.js';
import type { ServerParts } from './method.js';

/** Open streams of one caller, in one process. */
export const MAX_LISTENERS = 100;

/** Counts a listening stream in; gives what counts it out again, or null when the caller has as many as it may. */
export function enter(caller: Principal, { listeners }: ServerParts): (() => void) | null {
  const id = caller.keyId ?? caller.organizationId;
  const count = listeners.get(id) ?? 0;
  if (count >= MAX_LISTENERS) return null;
  listeners.set(id, count + 1);
  return () => {
    const left = (listeners.get(id) ?? 1) - 1;
    if (left === 0) listeners.delete(id);
    else listeners.set(id, left);
  };
}

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
