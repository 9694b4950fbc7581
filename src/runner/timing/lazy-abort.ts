import { setMaxListeners } from 'node:events';

/**
 * An AbortController that makes its signal when it is first asked for: most nodes never look at theirs, and a signal
 * costs more than all else that a node is started with.
 */
export class LazyAbort {
  readonly #parent: LazyAbort | null;
  #controller: AbortController | null = null;
  #reason: Error | null = null;
  #listeners: Set<(reason: Error) => void> | null = null;
  #unlisten: (() => void) | null = null;

  /** One with a parent is aborted with it. */
  constructor(parent: LazyAbort | null = null) {
    this.#parent = parent;
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  /** Null until aborted. */
  get reason(): Error | null {
    return this.#reason ?? this.#parent?.reason ?? null;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      // Each item of a map that is worked on may listen.
      setMaxListeners(0, this.#controller.signal);
      const { reason } = this;
      if (reason !== null) this.#controller.abort(reason);
      else this.#listenToParent();
    }
    return this.#controller.signal;
  }

  /** The first reason stays. */
  abort(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = null;
  }

  /** Calls `listener` when aborted, at once if that has been. Returns what undoes that. */
  onAbort(listener: (reason: Error) => void): () => void {
    const { reason } = this;
    if (reason !== null) {
      listener(reason);
      return () => undefined;
    }
    this.#listenToParent();
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => this.#listeners?.delete(listener);
  }

  #listenToParent(): void {
    this.#unlisten ??= this.#parent?.onAbort((late) => this.abort(late)) ?? null;
  }

  /** For one with a parent that outlives it: no longer listens to the parent. */
  leaveParent(): void {
    this.#unlisten?.();
  }
}
