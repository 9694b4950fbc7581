import type { Clock } from '../core/clock.js';

/** Shorter than the idle time-outs of common proxies. */
const HEARTBEAT_MS = 15_000;

/**
 * Messages as server-sent events. One is taken only when the client has room for it. `done` is called once, when the last message
 * is out or the client has gone.
 */
export function messageStream(
  messages: AsyncIterable<string>,
  { clock, done }: { readonly clock: Clock; readonly done: () => void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = messages[Symbol.asyncIterator]();
  let stopHeartbeat: () => void = () => undefined;
  const end = (): void => {
    stopHeartbeat();
    done();
  };
  return new ReadableStream({
    start: (controller) => {
      const beat = (): void => {
        // A client that does not read what is there needs no sign of life.
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': still here\n\n'));
        stopHeartbeat = clock.schedule(HEARTBEAT_MS, beat);
      };
      stopHeartbeat = clock.schedule(HEARTBEAT_MS, beat);
    },
    pull: async (controller) => {
      const next = await iterator.next().catch((thrown: unknown) => {
        end();
        throw thrown;
      });
      if (next.done === true) {
        end();
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(`event: message\ndata: ${next.value}\n\n`));
    },
    cancel: end,
  });
}
