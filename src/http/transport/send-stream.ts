import { encodeInTurns, isLongToEncode } from '../../core/large-json/encode-in-turns.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Exchange } from './exchange.js';
import { startHeartbeat } from './heartbeat.js';
import { EVENT_STREAM_HEADERS } from './replies.js';

/**
 * Answers with server-sent events. An item is taken only when the client has room for it. Resolves when the last is
 * out, the client has gone or the server stops.
 */
export async function sendStream<Item>(
  exchange: Exchange,
  params: {
    readonly items: AsyncIterable<Item>;
    /** An event as it goes over the wire. */
    readonly toText: (item: Item) => string | Promise<string>;
    /** What the stream begins with. */
    readonly opening?: string;
    readonly clock: Clock;
  },
): Promise<void> {
  const { items, toText, opening = '', clock } = params;
  const stream = exchange.openStream(EVENT_STREAM_HEADERS);
  const stopHeartbeat = startHeartbeat({
    clock,
    beat: () => {
      // A client that does not read what is there needs no sign of life.
      if (!stream.isFull) stream.write(': still here\n\n');
    },
    onceClientEnds: (listener) => stream.onceClientEnds(listener),
  });
  try {
    if (opening !== '') stream.write(opening);
    for await (const item of items) {
      if (stream.gone) return;
      const text = toText(item);
      const whole = typeof text === 'string' ? text : await text;
      const written = isLongToEncode(whole) ? await encodeInTurns(whole) : whole;
      if (stream.gone) return;
      stream.write(written);
      await stream.untilRoom();
    }
  } catch (thrown) {
    if (!stream.gone && !exchange.closing.aborted) throw thrown;
  } finally {
    stopHeartbeat();
  }
  if (!stream.gone) stream.end();
}
