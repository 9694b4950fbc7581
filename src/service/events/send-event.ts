import { ErrandError, type Problem } from '../../core/errors.js';
import {
  DEFAULT_EVENT_KEEP_MS,
  type EventMatch,
  type KeptEvent,
  MAX_EVENT_DATA,
  MAX_EVENT_KEEP_MS,
  MAX_EVENT_KEY,
  MAX_EVENT_NAME,
  MAX_KEPT_EVENTS,
} from '../../core/events/kept-event.js';
import { estimateJsonLength, type Json, wellFormedJson } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { RunEvents } from '../../runner/ports/run-events.js';
import type { SendEventParams, SentEvent } from '../interface/events.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { checkIdempotencyKey } from '../use-case/make-once.js';
import { refuseProblems } from '../use-case/refuse-problems.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';

export type EventDeps = Pick<ServiceDeps, 'store' | 'engine' | 'clock' | 'newId'>;

export async function sendEvent(deps: ServiceDeps, caller: Principal, params: SendEventParams): Promise<SentEvent> {
  requireScope(caller, 'run');
  const { name, key, data, keepForMs, idempotencyKey } = params;
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  if (idempotencyKey !== undefined) checkIdempotencyKey(idempotencyKey);
  const dedupeKey = idempotencyKey === undefined ? null : `sent ${idempotencyKey}`;
  return tellEvent(deps, { organizationId, name, key, data, keepForMs, dedupeKey });
}

export interface TellEventParams extends EventMatch {
  readonly organizationId: string;
  readonly data: Json;
  readonly keepForMs: number;
  /** The same key is the same event; null: it is one of its own. */
  readonly dedupeKey: string | null;
}

/** Keeps an event and tells the runs that wait for it. Throws `invalid_input`, and `rate_limited` for too many. */
export async function tellEvent(deps: EventDeps, params: TellEventParams): Promise<SentEvent> {
  const { organizationId, name, key, dedupeKey, keepForMs } = params;
  // What is much too long is not written first.
  const isTooLong = estimateJsonLength(params.data, MAX_EVENT_DATA) > MAX_EVENT_DATA;
  const text = isTooLong ? '' : JSON.stringify(params.data);
  refuseProblems('event', findProblems(params, isTooLong || text.length > MAX_EVENT_DATA));
  const at = deps.clock.now();
  const event: KeptEvent = {
    id: deps.newId(),
    organizationId,
    name: name.toWellFormed(),
    key: key.toWellFormed(),
    data: wellFormedJson(params.data, text),
    at,
    expiresAt: at + keepForMs,
  };
  const kept = await deps.store.events.insert({ event, dedupeKey, limit: MAX_KEPT_EVENTS });
  if (kept === null)
    throw new ErrandError('rate_limited', `An organization has at most ${MAX_KEPT_EVENTS} events that are kept.`, {
      retryAfterSeconds: 60,
    });
  return { ...kept, waiting: await tellWaiting(deps, kept.event) };
}

/** How the runner reaches events. */
export function createRunEvents(depsOf: () => EventDeps): RunEvents {
  return {
    find: (params) => {
      const { store, clock } = depsOf();
      return store.events.findFor({ ...params, now: clock.now() });
    },
    emit: async ({ keepForMs, ...params }) => {
      const { event } = await tellEvent(depsOf(), { ...params, keepForMs: keepForMs ?? DEFAULT_EVENT_KEEP_MS });
      return { eventId: event.id };
    },
  };
}

const PER_PAGE = 500;

/** Who waits only now, or is not told because something dies, finds it by itself: see `EventSweeper`. */
async function tellWaiting({ store, engine }: EventDeps, event: KeptEvent): Promise<number> {
  const { organizationId, name, key, at } = event;
  let count = 0;
  for (let afterId: string | null = null; ;) {
    const runIds: readonly string[] = await store.events.listWaiting({
      organizationId,
      name,
      key,
      at,
      afterId,
      limit: PER_PAGE,
    });
    for (const runId of runIds) await engine.look({ organizationId, runId });
    count += runIds.length;
    const last = runIds.at(-1);
    if (last === undefined || runIds.length < PER_PAGE) return count;
    afterId = last;
  }
}

function findProblems({ name, key, keepForMs }: TellEventParams, isTooLong: boolean): Problem[] {
  const problems: Problem[] = [];
  if (name === '' || name.length > MAX_EVENT_NAME)
    problems.push({ path: '/name', message: `must have 1 to ${MAX_EVENT_NAME} characters` });
  if (key.length > MAX_EVENT_KEY)
    problems.push({ path: '/key', message: `must have at most ${MAX_EVENT_KEY} characters` });
  if (isTooLong) problems.push({ path: '/data', message: `must have at most ${MAX_EVENT_DATA} characters of JSON` });
  if (!(keepForMs >= 0 && keepForMs <= MAX_EVENT_KEEP_MS))
    problems.push({ path: '/keep_for_seconds', message: `must be from 0 to ${MAX_EVENT_KEEP_MS / 1_000}` });
  return problems;
}
