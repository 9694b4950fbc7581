import { listRunEvents } from '../../../api/endpoints/runs.js';
import { ConcurrencyLimit } from '../../../auth/limits/concurrency-limit.js';
import type { JsonObject } from '../../../core/json.js';
import { writeInTurns } from '../../../core/large-json/write-in-turns.js';
import type { RunEvent } from '../../../core/run/events.js';
import { isTerminal } from '../../../core/run/run.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { Exchange } from '../../transport/exchange.js';
import { emptyReply, EVENT_STREAM_HEADERS, outputsReply, type Reply } from '../../transport/replies.js';
import { sendStream } from '../../transport/send-stream.js';
import { renderEvent } from '../render/render-event.js';
import type { RestDeps, RestRoutes } from '../rest-routes.js';
import { readRunId } from '../run-id-parameter.js';

/** Event streams that a key may have open. */
const MAX_STREAMS = 100;

export function addRunEvents(routes: RestRoutes): void {
  const { deps } = routes;
  const streams = new ConcurrencyLimit({ max: MAX_STREAMS, what: 'event streams' });
  routes.add(listRunEvents, async ({ exchange, caller, query, param, signal }) => {
    const { after, limit } = query;
    const runId = readRunId(param);
    if (asksForStream(exchange)) {
      return await streamEvents(
        { exchange, caller, runId, afterSeq: lastEventId(exchange) ?? after, signal },
        deps,
        streams,
      );
    }
    const { events, nextAfterSeq } = await deps.services.listRunEvents(caller, { runId, afterSeq: after, limit });
    return outputsReply({ events: events.map(renderEvent), next_after: nextAfterSeq });
  });
}

function asksForStream(exchange: Exchange): boolean {
  return (exchange.header('accept') ?? '').includes('text/event-stream');
}

interface StreamRequest {
  readonly exchange: Exchange;
  readonly caller: Principal;
  readonly runId: string;
  readonly afterSeq: number;
  readonly signal: () => AbortSignal;
}

async function streamEvents(
  { exchange, caller, runId, afterSeq, signal }: StreamRequest,
  { services, clock }: RestDeps,
  streams: ConcurrencyLimit,
): Promise<Reply> {
  const run = await services.getRun(caller, { runId });
  // An EventSource connects again whenever a stream ends, unless it is told with this status that there is no more.
  if (isTerminal(run.status) && afterSeq >= run.version) return emptyReply(204);
  if (exchange.method === 'HEAD') return () => exchange.openStream(EVENT_STREAM_HEADERS).end();
  const leave = streams.enter(caller);
  const items = services.watchRun(caller, { runId, afterSeq, signal: signal() });
  return () => sendStream(exchange, { items, toText, opening: ': watching\n\n', clock }).finally(leave);
}

function lastEventId(exchange: Exchange): number | null {
  const text = exchange.header('last-event-id');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function toText(event: RunEvent): Promise<string> {
  const data = await writeInTurns(renderEvent(event) as unknown as JsonObject);
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${data}\n\n`;
}
