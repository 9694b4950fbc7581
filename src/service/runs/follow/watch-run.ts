import { yieldIfBusy } from '../../../core/event-loop.js';
import type { RunEvent } from '../../../core/run/events.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { getRun } from '../runs.js';
import { onRunChanged, type FollowDeps } from './run-changes.js';

const PAGE = 500;

/**
 * The run's log from `afterSeq` on: first what is kept, then what comes, each entry once and in order. Ends with the
 * caller's key.
 */
export async function* watchRun(
  deps: FollowDeps,
  caller: Principal,
  { runId, afterSeq, signal }: { readonly runId: string; readonly afterSeq: number; readonly signal: AbortSignal },
): AsyncGenerator<RunEvent> {
  let seen = afterSeq;
  let wake: () => void = () => undefined;
  let committed = 0;
  let ended = false;
  const unsubscribe = onRunChanged(deps, {
    organizationId: caller.organizationId,
    runId,
    listener: ({ version }) => {
      committed = version;
      wake();
    },
  });
  let over = signal.aborted;
  const end = (): void => {
    over = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });
  const unwatch = deps.keyWatch.watch(caller, end);
  try {
    await getRun(deps, caller, runId);
    for (;;) {
      if (over) return;
      // Read from the store, not from the notice: a slow reader then costs no memory.
      const events = await deps.store.log.list({ runId, afterSeq: seen, limit: PAGE });
      for (const event of events) {
        if (over) return;
        yield event;
        seen = event.seq;
        ended = endsRun(event);
      }
      await yieldIfBusy();
      // After its end a run may have been retried: then its log goes on.
      if (ended && (await hasEnded(deps, caller, runId, seen))) return;
      if (events.length > 0 || committed > seen) continue;
      if (await hasEnded(deps, caller, runId, seen)) return;
      if (committed > seen || over) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = () => undefined;
    }
  } finally {
    signal.removeEventListener('abort', end);
    unwatch();
    unsubscribe();
  }
}

/** A reader that starts at or after the end of a finished run has nothing to wait for. */
async function hasEnded(deps: FollowDeps, caller: Principal, runId: string, seen: number): Promise<boolean> {
  const run = await getRun(deps, caller, runId);
  return run.completedAt !== null && run.version <= seen;
}

function endsRun(event: RunEvent): boolean {
  switch (event.kind) {
    case 'run.completed':
    case 'run.partially_completed':
    case 'run.failed':
    case 'run.cancelled':
      return true;
    default:
      return false;
  }
}
