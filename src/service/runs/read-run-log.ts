import type { RunEvent } from '../../core/run/events.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { ServiceDeps } from '../use-case/deps.js';

/** A run's log as far as it goes just now, from its first event on. */
export async function* readRunLog(deps: Pick<ServiceDeps, 'store'>, runId: string): AsyncGenerator<RunEvent> {
  for await (const events of logPages(deps.store, { runId, afterSeq: 0 })) yield* events;
}
