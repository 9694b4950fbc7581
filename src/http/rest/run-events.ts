import { listRunEvents } from '../../api/endpoints/runs.js';
import { ConcurrencyLimit } from '../../auth/concurrency-limit.js';
import { isTerminal } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import { requestSignal, type HttpContext } from '../pipeline/app-deps.js';
import { emptyResponse, eventStreamResponse, jsonResponse } from '../transport/responses.js';
import type { RestDeps } from './endpoint.js';
import { clientEnd, toEventStream } from './event-stream.js';
import { renderEvent } from './render/render-event.js';
import type { RestRoutes } from './rest-routes.js';
import { readRunId } from './runs.js';

/** Event streams that a key may have open. */
const MAX_STREAMS = 100;

export function addRunEvents(routes: RestRoutes): void {
  const { deps } = routes;
  const streams = new ConcurrencyLimit({ max: MAX_STREAMS, what: 'event streams' });
  routes.add(listRunEvents, async ({ c, caller, query }) => {
    const { after, limit } = query;
    if (asksForStream(c)) return await streamEvents({ c, caller, after }, deps, streams);
    const { events, nextAfterSeq } = await deps.services.listRunEvents(caller, {
      runId: readRunId(c),
      afterSeq: after,
      limit,
    });
    return jsonResponse({ events: events.map(renderEvent), next_after: nextAfterSeq });
  });
}

function asksForStream(c: HttpContext): boolean {
  return (c.req.header('accept') ?? '').includes('text/event-stream');
}

interface StreamRequest {
  readonly c: HttpContext;
  readonly caller: Principal;
  readonly after: number;
}

async function streamEvents(
  { c, caller, after }: StreamRequest,
  { services, clock }: RestDeps,
  streams: ConcurrencyLimit,
): Promise<Response> {
  const runId = readRunId(c);
  const afterSeq = lastEventId(c) ?? after;
  const run = await services.getRun(caller, { runId });
  // An EventSource connects again whenever a stream ends, unless it is told with this status that there is no more.
  if (isTerminal(run.status) && afterSeq >= run.version) return emptyResponse(204);
  // Nobody reads what a HEAD request makes, and nobody cancels it.
  if (c.req.method === 'HEAD') return eventStreamResponse(null);
  const leave = streams.enter(caller);
  const gone = new AbortController();
  const onEnd = (): void => {
    leave();
    gone.abort();
  };
  c.env.outgoing?.once('close', onEnd);
  const signal = AbortSignal.any([gone.signal, requestSignal(c)]);
  const events = services.watchRun(caller, { runId, afterSeq, signal })[Symbol.asyncIterator]();
  return eventStreamResponse(toEventStream(events, { clock, signal, onceClientEnds: clientEnd(c), onEnd }));
}

function lastEventId(c: HttpContext): number | null {
  const text = c.req.header('last-event-id');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
