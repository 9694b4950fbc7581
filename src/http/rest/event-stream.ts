import type { Clock } from '../../core/ports/clock.js';
import type { RunEvent } from '../../core/run/events.js';
import type { HttpContext } from '../pipeline/app-deps.js';
import { onceClientEnds, startHeartbeat } from '../transport/heartbeat.js';
import { renderEvent } from './render/render-event.js';

interface StreamOptions {
  readonly clock: Clock;
  /** Aborts when the client has gone or the server stops. */
  readonly signal: AbortSignal;
  readonly onceClientEnds: (listener: () => void) => () => void;
  /** Called once, when nothing more is sent. */
  readonly onEnd: () => void;
}

/** As server-sent events. One is taken from the run only when the client has room for it, and nothing is kept going before it reads. */
export function toEventStream(events: AsyncIterator<RunEvent>, options: StreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const { signal } = options;
  let stopHeartbeat: (() => void) | null = null;
  const end = (): void => {
    signal.removeEventListener('abort', end);
    stopHeartbeat?.();
    options.onEnd();
  };
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(encoder.encode(': watching\n\n'));
      signal.addEventListener('abort', end, { once: true });
    },
    pull: async (controller) => {
      stopHeartbeat ??= startHeartbeat({
        ...options,
        // A client that does not read what is there needs no sign of life.
        beat: () => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': still here\n\n'));
        },
      });
      const next = await events.next().catch((thrown: unknown) => {
        if (signal.aborted) return { done: true as const, value: undefined };
        end();
        throw thrown;
      });
      if (next.done === true) {
        end();
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(eventText(next.value)));
    },
    cancel: end,
  });
}

/** For the request of this context. */
export function clientEnd(c: HttpContext): StreamOptions['onceClientEnds'] {
  const { incoming } = c.env;
  return (listener) => (incoming === undefined ? () => undefined : onceClientEnds(incoming.socket, listener));
}

function eventText(event: RunEvent): string {
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(renderEvent(event))}\n\n`;
}
