import type { RunEvent } from '../../core/run/events.js';
import type { ServiceDeps } from '../use-case/deps.js';

/** Events may be large, so few are held at a time. */
const PAGE = 50;

/** A run's log as far as it goes just now, from its first event on. */
export async function* readRunLog(deps: Pick<ServiceDeps, 'store'>, runId: string): AsyncGenerator<RunEvent> {
  let afterSeq = 0;
  for (;;) {
    const events = await deps.store.listEvents({ runId, afterSeq, limit: PAGE });
    yield* events;
    const last = events.at(-1);
    if (last === undefined) return;
    afterSeq = last.seq;
  }
}
