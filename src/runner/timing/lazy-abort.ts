import { setMaxListeners } from 'node:events';

type Listener = LazyAbort | ((reason: Error) => void);

/**
 * An AbortController that makes its signal when it is first asked for: most nodes never look at theirs, and a signal
 * costs more than all else that a node is started with.
 */
export class LazyAbort {
  readonly #parent: LazyAbort | null;
  #controller: AbortController | null = null;
  #reason: Error | null = null;
  /** Most have one at most: the others have a set. */
  #listener: Listener | null = null;
  #others: Set<Listener> | null = null;
  #listens = false;

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
    if (this.#listener !== null) tell(this.#listener, reason);
    for (const listener of this.#others ?? []) tell(listener, reason);
    this.#listener = this.#others = null;
  }

  /** Calls `listener` when aborted, at once if that has been. Returns what undoes that. */
  onAbort(listener: (reason: Error) => void): () => void {
    const { reason } = this;
    if (reason !== null) {
      listener(reason);
      return () => undefined;
    }
    this.#listenToParent();
    this.#add(listener);
    return () => this.#remove(listener);
  }

  #listenToParent(): void {
    if (this.#listens || this.#parent === null) return;
    this.#listens = true;
    // Its own parent may be aborted later.
    this.#parent.#listenToParent();
    this.#parent.#add(this);
  }

  #add(listener: Listener): void {
    if (this.#listener === null) this.#listener = listener;
    else (this.#others ??= new Set()).add(listener);
  }

  #remove(listener: Listener): void {
    if (this.#listener === listener) this.#listener = null;
    else this.#others?.delete(listener);
  }

  /** For one with a parent that outlives it: no longer listens to the parent. */
  leaveParent(): void {
    if (this.#listens && this.#parent !== null) this.#parent.#remove(this);
  }
}

function tell(listener: Listener, reason: Error): void {
  if (listener instanceof LazyAbort) listener.abort(reason);
  else listener(reason);
}
