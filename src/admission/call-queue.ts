import { abortable } from '../core/abortable.js';
import type { Clock } from '../core/ports/clock.js';

const MINUTE_MS = 60_000;

type Leave = (how?: { readonly unused?: boolean }) => void;

interface Waiting {
  readonly admit: (leave: Leave) => void;
}

/**
 * Holds calls to a number at once and a number in any minute. Groups take turns, so that one with a thousand calls does
 * not keep the others waiting; within a group, first come, first served.
 */
export class CallQueue {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  /** In the order of their turns. */
  readonly #groups = new Map<string, Waiting[]>();
  /** When the calls of the last minute began. */
  #begun: number[] = [];
  #running = 0;
  #concurrency = Number.POSITIVE_INFINITY;
  #perMinute = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | null = null;

  /** `onIdle` is called when nothing is left that has to be remembered. */
  constructor(clock: Clock, onIdle: () => void = () => undefined) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  limit(limits: { readonly requestsPerMinute: number | null; readonly concurrency: number | null }): void {
    this.#concurrency = limits.concurrency ?? Number.POSITIVE_INFINITY;
    this.#perMinute = limits.requestsPerMinute ?? Number.POSITIVE_INFINITY;
  }

  /** Rejects with what aborted the signal. */
  enter({ group, signal }: { readonly group: string; readonly signal: AbortSignal }): Promise<Leave> {
    return abortable(signal, (admit) => {
      const waiting: Waiting = { admit };
      const others = this.#groups.get(group);
      if (others === undefined) this.#groups.set(group, [waiting]);
      else others.push(waiting);
      this.#admit();
      return () => this.#remove(group, waiting);
    });
  }

  #admit(): void {
    const now = this.#clock.now();
    // When the clock was set back, what had begun counts as begun just now.
    this.#begun = this.#begun.filter((at) => at > now - MINUTE_MS).map((at) => Math.min(at, now));
    while (this.#groups.size > 0 && this.#running < this.#concurrency && this.#begun.length < this.#perMinute) {
      const waiting = this.#next();
      if (waiting === undefined) break;
      this.#running += 1;
      if (this.#perMinute !== Number.POSITIVE_INFINITY) this.#begun.push(now);
      waiting.admit(this.#leaver(now));
    }
    this.#wakeLater(now);
    if (this.#groups.size === 0 && this.#running === 0 && this.#begun.length === 0) this.#onIdle();
  }

  /** The one whose turn it is; its group goes to the end. */
  #next(): Waiting | undefined {
    for (const [group, waiting] of this.#groups) {
      this.#groups.delete(group);
      const first = waiting.shift();
      if (waiting.length > 0) this.#groups.set(group, waiting);
      return first;
    }
    return undefined;
  }

  #leaver(begun: number): Leave {
    let left = false;
    return (how) => {
      if (left) return;
      left = true;
      this.#running -= 1;
      const index = how?.unused === true ? this.#begun.indexOf(begun) : -1;
      if (index !== -1) this.#begun.splice(index, 1);
      this.#admit();
    };
  }

  /** When the oldest call of the minute is a minute old, the next may begin. */
  #wakeLater(now: number): void {
    this.#cancelWake?.();
    this.#cancelWake = null;
    const oldest = this.#begun[0];
    if (this.#groups.size === 0 || oldest === undefined || this.#running >= this.#concurrency) return;
    this.#cancelWake = this.#clock.schedule(Math.max(1, oldest + MINUTE_MS - now), () => {
      this.#cancelWake = null;
      this.#admit();
    });
  }

  #remove(group: string, waiting: Waiting): void {
    const others = this.#groups.get(group)?.filter((other) => other !== waiting) ?? [];
    if (others.length === 0) this.#groups.delete(group);
    else this.#groups.set(group, others);
  }
}
