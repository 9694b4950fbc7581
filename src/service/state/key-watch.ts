import type { Clock } from '../../core/ports/clock.js';
import type { Principal } from '../../core/tenant/principal.js';

/** Calls that were let in just before a key was revoked may come here just after. */
const MAX_REVOKED = 1_000;

interface WatchedKey {
  readonly listeners: Set<() => void>;
  cancelTimer: () => void;
}

/**
 * Ends what outlives the moment that its key or grant was looked at: streams, and calls that wait. Where other
 * processes revoke keys too, it has to be told (`end`).
 */
export class KeyWatch {
  readonly #clock: Clock;
  /**
   * By key id, then by when it expires, as each token of a grant has a time of its own; those only that somebody
   * listens for.
   */
  readonly #watched = new Map<string, Map<number | null, WatchedKey>>();
  /** Oldest first. */
  readonly #revoked = new Set<string>();
  #onRevoked: (keyId: string) => void = ignore;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `listener` once when the caller's key is revoked or expires, at once if that has happened. Returns what
   * undoes it. Callers without a key, from within the process, last.
   */
  watch(caller: Principal, listener: () => void): () => void {
    const { keyId } = caller;
    if (keyId === null) return ignore;
    const expiresAt = caller.expiresAt ?? null;
    if (this.#revoked.has(keyId) || (expiresAt !== null && expiresAt <= this.#clock.now())) {
      listener();
      return ignore;
    }
    const watched = this.#watched.get(keyId)?.get(expiresAt) ?? this.#add(keyId, expiresAt);
    // A listener of its own for each call, whatever function it gives.
    const own = (): void => listener();
    watched.listeners.add(own);
    return () => {
      watched.listeners.delete(own);
      if (watched.listeners.size > 0 || this.#watched.get(keyId)?.get(expiresAt) !== watched) return;
      watched.cancelTimer();
      this.#forget(keyId, expiresAt);
    };
  }

  /** Calls `listener` for each key and grant that is revoked by this process. */
  onRevoked(listener: (keyId: string) => void): void {
    this.#onRevoked = listener;
  }

  /** Those that somebody watches. */
  watchedIds(): readonly string[] {
    return [...this.#watched.keys()];
  }

  revoke(keyId: string): void {
    this.end(keyId);
    this.#onRevoked(keyId);
  }

  /** It was revoked, here or elsewhere. */
  end(keyId: string): void {
    const [oldest] = this.#revoked;
    if (oldest !== undefined && this.#revoked.size >= MAX_REVOKED) this.#revoked.delete(oldest);
    this.#revoked.add(keyId);
    for (const expiresAt of this.#watched.get(keyId)?.keys() ?? []) this.#end(keyId, expiresAt);
  }

  #add(keyId: string, expiresAt: number | null): WatchedKey {
    const watched: WatchedKey = { listeners: new Set(), cancelTimer: ignore };
    const watchedOfKey = this.#watched.get(keyId) ?? new Map<number | null, WatchedKey>();
    this.#watched.set(keyId, watchedOfKey.set(expiresAt, watched));
    if (expiresAt !== null) this.#startTimer(keyId, watched, expiresAt);
    return watched;
  }

  #startTimer(keyId: string, watched: WatchedKey, expiresAt: number): void {
    const left = expiresAt - this.#clock.now();
    if (left <= 0) return this.#end(keyId, expiresAt);
    const again = (): void => this.#startTimer(keyId, watched, expiresAt);
    watched.cancelTimer = this.#clock.schedule(left, again);
  }

  #end(keyId: string, expiresAt: number | null): void {
    const watched = this.#watched.get(keyId)?.get(expiresAt);
    if (watched === undefined) return;
    this.#forget(keyId, expiresAt);
    watched.cancelTimer();
    for (const listener of watched.listeners) listener();
  }

  #forget(keyId: string, expiresAt: number | null): void {
    const watchedOfKey = this.#watched.get(keyId);
    watchedOfKey?.delete(expiresAt);
    if (watchedOfKey?.size === 0) this.#watched.delete(keyId);
  }
}

function ignore(): void {
  // There is nothing to undo.
}
