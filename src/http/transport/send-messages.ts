import type { Clock } from '../../core/ports/clock.js';
import type { AnswerStream, Exchange } from './exchange.js';
import { SECURITY_HEADERS } from './responses.js';

/** Shorter than the idle time-outs of common proxies. */
const HEARTBEAT_MS = 15_000;

/**
 * Answers with messages as server-sent events. One is taken only when the client has room for it. Resolves when the last is out or
 * the client has gone.
 */
export async function sendMessages(exchange: Exchange, messages: AsyncIterable<string>, clock: Clock): Promise<void> {
  const stream = exchange.openStream({
    ...SECURITY_HEADERS,
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
  });
  const stopHeartbeat = startHeartbeat(stream, clock);
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

function startHeartbeat(stream: AnswerStream, clock: Clock): () => void {
  const beat = (): void => {
    // A client that does not read what is there needs no sign of life.
    if (!stream.isFull) stream.write(': still here\n\n');
    stop = clock.schedule(HEARTBEAT_MS, beat);
  };
  let stop = clock.schedule(HEARTBEAT_MS, beat);
  return () => stop();
}
