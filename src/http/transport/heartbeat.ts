import type { Socket } from 'node:net';
import type { Clock } from '../../core/ports/clock.js';

/** Shorter than the idle time-outs of common proxies. */
const HEARTBEAT_MS = 15_000;
/** After a client has closed its sending half: at once, after a moment, and then so often. */
const PROBE_MS = [50, 1_000] as const;

/**
 * Calls `beat` as often as something must be sent over an idle stream; returns what ends that. `onceClientEnds` tells
 * of a client that has closed its sending half. It may still read, or have closed the whole connection: TCP shows the
 * two alike. Writing tells them apart: the first write after the connection was closed is refused, and the next one
 * ends it on this side.
 */
export function startHeartbeat(params: {
  readonly clock: Clock;
  readonly beat: () => void;
  readonly onceClientEnds: (listener: () => void) => () => void;
}): () => void {
  const { clock, beat, onceClientEnds: onceEnds } = params;
  let stop: () => void;
  const next = (afterMs: number, everyMs: number): void => {
    stop = clock.schedule(afterMs, () => {
      beat();
      next(everyMs, everyMs);
    });
  };
  next(HEARTBEAT_MS, HEARTBEAT_MS);
  const stopListening = onceEnds(() => {
    stop();
    beat();
    next(...PROBE_MS);
  });
  return () => {
    stopListening();
    stop();
  };
}

/**
 * Calls `listener` once the client has closed its sending half, or soon when it has already; returns what undoes that.
 */
export function onceClientEnds(socket: Socket, listener: () => void): () => void {
  if (socket.readableEnded) {
    const soon = setImmediate(listener);
    return () => clearImmediate(soon);
  }
  socket.once('end', listener);
  return () => socket.off('end', listener);
}
