import type { RunChange } from '../ports/notifier.js';

type Listener = (change: RunChange) => void;

/** Who listens for which runs, within a process. */
export class RunListeners {
  readonly #listeners = new Map<string, Set<Listener>>();

  has(runId: string): boolean {
    return this.#listeners.has(runId);
  }

  /** The runs that somebody listens for. */
  runIds(): IterableIterator<string> {
    return this.#listeners.keys();
  }

  tell(change: RunChange): void {
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
