import type { Hono } from 'hono';
import { ConcurrencyLimit } from '../../auth/concurrency-limit.js';
import { isTerminal } from '../../core/run/run.js';
import { requestSignal, type HttpContext, type HttpEnv } from '../pipeline/app-deps.js';
import { emptyResponse, eventStreamResponse, jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestCall, type RestDeps } from './endpoint.js';
import { clientEnd, toEventStream } from './event-stream.js';
import { queryInteger } from './query.js';
import { renderEvent } from './render/render-event.js';
import { readRunId } from './runs.js';

/** Event streams that a key may have open. */
const MAX_STREAMS = 100;

export function addRunEvents(app: Hono<HttpEnv>, deps: RestDeps): void {
  const streams = new ConcurrencyLimit({ max: MAX_STREAMS, what: 'event streams' });
  addRoute(app, '/api/v1/runs/:id/events', {
    GET: endpoint(deps, async (call) => {
      const { c, caller } = call;
      if (asksForStream(c)) return await streamEvents(call, deps, streams);
      const { events, nextAfterSeq } = await deps.services.listRunEvents(caller, {
        runId: readRunId(c),
        afterSeq: queryInteger(c, 'after', { min: 0, otherwise: 0 }),
        limit: queryInteger(c, 'limit', { min: 1, max: 1000, otherwise: 1000 }),
      });
      return jsonResponse({ events: events.map(renderEvent), next_after: nextAfterSeq });
    }),
  });
}

function asksForStream(c: HttpContext): boolean {
  return (c.req.header('accept') ?? '').includes('text/event-stream');
}

async function streamEvents(
  { c, caller }: RestCall,
  { services, clock }: RestDeps,
  streams: ConcurrencyLimit,
): Promise<Response> {
  const runId = readRunId(c);
  const afterSeq = lastEventId(c) ?? queryInteger(c, 'after', { min: 0, otherwise: 0 });
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
