import type { Clock } from '../../core/ports/clock.js';
import type { Exchange } from './exchange.js';
import { startHeartbeat } from './heartbeat.js';
import { EVENT_STREAM_HEADERS } from './responses.js';

/**
 * Answers with messages as server-sent events. One is taken only when the client has room for it. Resolves when the last is out or
 * the client has gone.
 */
export async function sendMessages(exchange: Exchange, messages: AsyncIterable<string>, clock: Clock): Promise<void> {
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
    for await (const message of messages) {
      if (stream.gone) return;
      stream.write(`event: message\ndata: ${message}\n\n`);
      await stream.untilRoom();
    }
    stream.end();
  } catch (thrown) {
    if (!stream.gone) throw thrown;
  } finally {
    stopHeartbeat();
  }
}
