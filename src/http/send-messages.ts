import { once } from 'node:events';
import type { Clock } from '../core/clock.js';
import type { Exchange } from './exchange.js';
import { SECURITY_HEADERS } from './responses.js';

/** Shorter than the idle time-outs of common proxies. */
const HEARTBEAT_MS = 15_000;

/**
 * Answers with messages as server-sent events. One is taken only when the client has room for it. Resolves when the last is out or
 * the client has gone.
 */
export async function sendMessages(
  { outgoing }: Exchange,
  messages: AsyncIterable<string>,
  clock: Clock,
): Promise<void> {
  outgoing.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  outgoing.flushHeaders();
  const stopHeartbeat = startHeartbeat(outgoing, clock);
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    for await (const message of messages) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(`event: message\ndata: ${message}\n\n`)) await once(outgoing, 'drain', gone);
    }
    outgoing.end();
  } catch (thrown) {
    if (!outgoing.destroyed) throw thrown;
  } finally {
    stopHeartbeat();
  }
}

function startHeartbeat(outgoing: Exchange['outgoing'], clock: Clock): () => void {
  const beat = (): void => {
    // A client that does not read what is there needs no sign of life.
    if (!outgoing.writableNeedDrain) outgoing.write(': still here\n\n');
    stop = clock.schedule(HEARTBEAT_MS, beat);
  };
  let stop = clock.schedule(HEARTBEAT_MS, beat);
  return () => stop();
}
