import type { Notifier, RunChange } from '../../core/ports/notifier.js';

type Listener = (change: RunChange) => void;

/** For one process that has all runs: notices are calls, and none is lost. */
export class EmbeddedNotifier implements Notifier {
  readonly recheckMs = null;
  readonly #listeners = new Map<string, Set<Listener>>();

  publish(change: RunChange): void {
    const listeners = this.#listeners.get(change.runId);
    if (listeners === undefined) return;
    for (const listener of listeners) listener(change);
  }

  subscribe({ runIds, listener }: { readonly runIds: readonly string[]; readonly listener: Listener }): () => void {
    // A function of its own, so that one given twice is called twice and ends twice.
    const own: Listener = (change) => listener(change);
    for (const runId of runIds) this.#add(runId, own);
    return () => {
      for (const runId of runIds) this.#remove(runId, own);
    };
  }

  #add(runId: string, listener: Listener): void {
    const listeners = this.#listeners.get(runId);
    if (listeners === undefined) this.#listeners.set(runId, new Set([listener]));
    else listeners.add(listener);
  }

  #remove(runId: string, listener: Listener): void {
    const listeners = this.#listeners.get(runId);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(runId);
  }
}
