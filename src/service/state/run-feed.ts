import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';

export type RunListener = (run: Run, events: readonly RunEvent[]) => void;

/** Tells whoever waits in this process what has just been committed. Nothing goes through it that is not durable. */
export class RunFeed {
  readonly #listeners = new Map<string, Set<RunListener>>();

  subscribe(runId: string, listener: RunListener): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set();
    this.#listeners.set(runId, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId);
    };
  }

  publish(run: Run, events: readonly RunEvent[]): void {
    const listeners = this.#listeners.get(run.id);
    if (listeners === undefined) return;
    for (const listener of listeners) listener(run, events);
  }
}
