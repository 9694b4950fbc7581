import type { Notifier, RunChange } from '../../core/ports/notifier.js';
import { RunListeners } from '../../core/notices/run-listeners.js';

/** For one process that has all runs: notices are calls, and none is lost. */
export class EmbeddedNotifier implements Notifier {
  readonly recheckMs = null;
  readonly #listeners = new RunListeners();

  publish(change: RunChange): void {
    this.#listeners.tell(change);
  }

  subscribe(params: Parameters<Notifier['subscribe']>[0]): () => void {
    return this.#listeners.subscribe(params);
  }
}
