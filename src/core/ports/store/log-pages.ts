import { yieldIfBusy } from '../../event-loop.js';
import type { RunEvent } from '../../run/events.js';
import type { Store } from './store.js';

/** The store bounds a page by its size as well. */
const PAGE = 1_000;

/**
 * A run's log after `afterSeq` as far as it goes just now, or (`upTo`) as far as it is known to go, page by page. However
 * long it is, others get their turns between two pages.
 */
export async function* logPages(
  store: Pick<Store, 'log'>,
  { runId, afterSeq, upTo = Infinity }: { readonly runId: string; readonly afterSeq: number; readonly upTo?: number },
): AsyncGenerator<readonly RunEvent[]> {
  for (let seen = afterSeq; seen < upTo;) {
    const events = await store.log.list({ runId, afterSeq: seen, limit: PAGE });
    const last = events.at(-1);
    if (last === undefined) return;
    yield events;
    seen = last.seq;
    await yieldIfBusy();
  }
}
