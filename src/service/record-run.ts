import type { NewId } from '../core/clock.js';
import { monthOf } from '../core/credits.js';
import type { RunEvent } from '../core/events.js';
import { creditsHeld, isTerminal, type Run } from '../core/run.js';
import type { Store } from '../core/store.js';
import type { RunRecorder } from '../runner/recorder.js';
import type { RunFeed } from './run-feed.js';

/** Keeps what the runner says: record, log and credits in one transaction, then tells whoever waits. */
export function createRunRecorder(deps: {
  readonly store: Store;
  readonly feed: RunFeed;
  readonly newId: NewId;
}): RunRecorder {
  return {
    async record({ run, events }): Promise<void> {
      await deps.store.transaction(async (tx) => {
        // Not saved: an earlier try of this very commit went through after all.
        if (!(await tx.saveRun(run))) return;
        await tx.appendEvents({ runId: run.id, events });
        if (isTerminal(run.status)) await settle(tx, run, events, deps.newId);
      });
      deps.feed.publish(run, events);
    },
  };
}

/** Turns the reservation into what the run costs, and releases the rest: one movement, in the transaction that ends the run. */
async function settle(tx: Store, run: Run, events: readonly RunEvent[], newId: NewId): Promise<void> {
  const held = creditsHeld(run);
  if (held === 0) return;
  const at = events.at(-1)?.at ?? run.completedAt ?? run.createdAt;
  await tx.moveCredits({
    id: newId(),
    organizationId: run.organizationId,
    runId: run.id,
    kind: 'settle',
    reservedDelta: -held,
    usedDelta: run.creditsConsumed - (run.retries?.creditsConsumed ?? 0),
    month: monthOf(at),
    at,
  });
}
