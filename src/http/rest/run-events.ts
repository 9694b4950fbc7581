import type { Hono } from 'hono';
import type { Clock } from '../../core/ports/clock.js';
import type { RunEvent } from '../../core/run/events.js';
import { isTerminal } from '../../core/run/run.js';
import { endOf, type HttpContext, type HttpEnv } from '../pipeline/app-deps.js';
import { emptyResponse, eventStreamResponse, jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestCall, type RestDeps } from './endpoint.js';
import { queryInteger } from './query.js';
import { renderEvent } from './render-event.js';
import { runIdOf } from './runs.js';

/** Shorter than the idle time-outs of common proxies. */
const HEARTBEAT_MS = 15_000;

export function addRunEvents(app: Hono<HttpEnv>, deps: RestDeps): void {
  addRoute(app, '/api/v1/runs/:id/events', {
    GET: endpoint(deps, async (call) => {
      const { c, caller } = call;
      if (asksForStream(c)) return await streamEvents(call, deps);
      const events = await deps.services.listRunEvents(caller, {
        runId: runIdOf(c),
        afterSeq: queryInteger(c, 'after', { min: 0, otherwise: 0 }),
        limit: queryInteger(c, 'limit', { min: 1, max: 1000, otherwise: 1000 }),
      });
      return jsonResponse({ events: events.map(renderEvent) });
    }),
  });
}

function asksForStream(c: HttpContext): boolean {
  return (c.req.header('accept') ?? '').includes('text/event-stream');
}

async function streamEvents({ c, caller }: RestCall, { services, clock }: RestDeps): Promise<Response> {
  const runId = runIdOf(c);
  const afterSeq = lastEventId(c) ?? queryInteger(c, 'after', { min: 0, otherwise: 0 });
  const run = await services.getRun(caller, { runId });
  // An EventSource connects again whenever a stream ends, unless it is told with this status that there is no more.
  if (isTerminal(run.status) && afterSeq >= run.version) return emptyResponse(204);
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, endOf(c)]);
  const events = services.watchRun(caller, { runId, afterSeq, signal })[Symbol.asyncIterator]();
  return eventStreamResponse(toEventStream(events, { clock, signal, stop: () => gone.abort() }));
}

function lastEventId(c: HttpContext): number | null {
  const text = c.req.header('last-event-id');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

interface StreamOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** Takes an event from the run only when the client has room for it. */
function toEventStream(events: AsyncIterator<RunEvent>, options: StreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stopHeartbeat: () => void = () => undefined;
  return new ReadableStream({
    start: (controller) => {
      const beat = () => {
        controller.enqueue(encoder.encode(': still here\n\n'));
        stopHeartbeat = options.clock.schedule(HEARTBEAT_MS, beat);
      };
      controller.enqueue(encoder.encode(': watching\n\n'));
      stopHeartbeat = options.clock.schedule(HEARTBEAT_MS, beat);
    },
    pull: async (controller) => {
      const next = await events.next().catch((thrown: unknown) => {
        if (options.signal.aborted) return { done: true as const, value: undefined };
        stopHeartbeat();
        throw thrown;
      });
      if (next.done === true) {
        stopHeartbeat();
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(eventText(next.value)));
    },
    cancel: () => {
      stopHeartbeat();
      options.stop();
    },
  });
}

function eventText(event: RunEvent): string {
  return `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(renderEvent(event))}\n\n`;
}
