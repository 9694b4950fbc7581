import type { Run } from '../../../core/run/run.js';
import type { ServiceDeps } from '../../use-case/deps.js';

/** What it takes to follow a run. */
export type FollowDeps = Pick<ServiceDeps, 'store' | 'notifier' | 'clock' | 'keyWatch'>;

interface RunChangesParams {
  readonly organizationId: string;
  readonly runId: string;
  /** Given the record after each change that is told, never an older one after a newer one. */
  readonly listener: (run: Run) => void;
}

/**
 * Listens for changes of a run; returns what ends that. Where notices may be lost, it looks for itself now and then: a lost one costs that time. Whoever
 * listens reads the run once after this: a change between the two is told, one before is not.
 */
export function onRunChanged(deps: FollowDeps, params: RunChangesParams): () => void {
  const { store, notifier, clock } = deps;
  const { organizationId, runId, listener } = params;
  const { recheckMs } = notifier;
  let told = 0;
  let isOver = false;
  const tell = (run: Run): void => {
    if (isOver || run.version <= told) return;
    told = run.version;
    listener(run);
  };
  const read = async (): Promise<void> => {
    // What cannot be read now is read the next time.
    const run = await store.runs.get({ organizationId, runId }).catch(() => null);
    if (run !== null) tell(run);
  };
  const unsubscribe = notifier.subscribe({
    runIds: [runId],
    listener: ({ run }) => {
      if (run === null) void read();
      else tell(run);
    },
  });
  let stopTimer = ignore;
  const recheck = (ms: number): void => {
    stopTimer = clock.schedule(ms, () => {
      void read();
      recheck(ms);
    });
  };
  if (recheckMs !== null) recheck(recheckMs);
  return () => {
    isOver = true;
    stopTimer();
    unsubscribe();
  };
}

function ignore(): void {
  // There is nothing to undo.
}
