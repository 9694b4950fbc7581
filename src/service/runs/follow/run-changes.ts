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
 * Listens for changes of a run; returns a function that ends this. Where notices may be lost, it reads the run now and
 * then, so that a lost notice costs that time at most. The caller reads the run once after this call: the listener is
 * told of later changes, not of earlier ones.
 */
export function onRunChanged(deps: FollowDeps, params: RunChangesParams): () => void {
  const changes = new RunChanges(deps, params);
  return () => changes.stop();
}

/** One for each call that waits, of which there may be thousands: it holds little. */
class RunChanges {
  readonly #deps: FollowDeps;
  readonly #params: RunChangesParams;
  readonly #unsubscribe: () => void;
  #told = 0;
  #isOver = false;
  #stopTimer: (() => void) | null = null;

  constructor(deps: FollowDeps, params: RunChangesParams) {
    this.#deps = deps;
    this.#params = params;
    const { recheckMs } = deps.notifier;
    this.#unsubscribe = deps.notifier.subscribe({
      runIds: [params.runId],
      listener: ({ run }) => (run === null ? void this.#read() : this.#tell(run)),
    });
    if (recheckMs !== null) this.#recheck(recheckMs);
  }

  stop(): void {
    this.#isOver = true;
    this.#stopTimer?.();
    this.#unsubscribe();
  }

  #recheck(ms: number): void {
    this.#stopTimer = this.#deps.clock.schedule(ms, () => {
      void this.#read();
      this.#recheck(ms);
    });
  }

  async #read(): Promise<void> {
    const { organizationId, runId } = this.#params;
    // What cannot be read now is read the next time.
    const run = await this.#deps.store.runs.get({ organizationId, runId }).catch(() => null);
    if (run !== null) this.#tell(run);
  }

  #tell(run: Run): void {
    if (this.#isOver || run.version <= this.#told) return;
    this.#told = run.version;
    this.#params.listener(run);
  }
}
