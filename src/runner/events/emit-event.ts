import { isErrandError } from '../../core/errors.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { type Clock, pauseUntil } from '../../core/ports/clock.js';
import type { RunEvents } from '../ports/run-events.js';
import type { LazyAbort } from '../timing/lazy-abort.js';

const UNAVAILABLE_RETRY_MS = 1_000;

/** Sends an event for an attempt at a node. Throws a NodeFailure of the kind that it is refused for. */
export async function emitEvent(
  session: { readonly events: RunEvents; readonly clock: Clock; readonly abort: LazyAbort },
  params: Parameters<RunEvents['emit']>[0],
): Promise<{ readonly eventId: string }> {
  for (;;) {
    try {
      return await session.events.emit(params);
    } catch (thrown) {
      if (!isErrandError(thrown)) throw thrown;
      const { code, message, retryAfterSeconds } = thrown;
      // A store that cannot be written just now is no reason for a node to fail.
      if (code !== 'unavailable')
        throw new NodeFailure(`The event could not be sent: ${message}`, {
          kind: code,
          retryable: code === 'rate_limited',
          ...(retryAfterSeconds === null ? {} : { retryAfterMs: retryAfterSeconds * 1_000 }),
        });
      await pauseUntil(session.clock, session.clock.now() + UNAVAILABLE_RETRY_MS, session.abort.signal);
    }
  }
}
