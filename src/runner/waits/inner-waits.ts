import type { Clock } from '../../core/ports/clock.js';
import { rootOf } from '../../core/run/paths/node-path.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import type { AttemptOutcome } from '../timing/retry.js';
import type { Rest } from './rest.js';
import { earlier } from './earlier.js';

/** How a node goes on that has waited. */
export interface GoingOn {
  /** What its attempt has come to; null when it is to be tried. */
  readonly known: AttemptOutcome | null;
  /** The key of the step that it goes on from. */
  readonly resumed: string | null;
}

interface Waiting {
  /** Epoch milliseconds; null: not by itself. */
  readonly until: number | null;
  readonly wake: (how: GoingOn) => void;
}

/** The nodes inside others that wait while their run is driven. */
export class InnerWaits {
  readonly #clock: Clock;
  readonly #isStopping: () => boolean;
  readonly #waiting = new Map<string, Waiting>();
  /** When attempts at nodes that hold others are given up, by path. */
  readonly #deadlines = new Map<string, number>();

  /** `isStopping`: whether nothing is to begin any more. */
  constructor(clock: Clock, isStopping: () => boolean) {
    this.#clock = clock;
    this.#isStopping = isStopping;
  }

  /** Rejects when aborted. `onTime` tells what comes of it when it has waited until its time. */
  wait(params: {
    readonly path: string;
    readonly until: number | null;
    readonly abort: LazyAbort;
    readonly rest: Rest;
    readonly onTime: () => AttemptOutcome | null;
  }): Promise<GoingOn> {
    const { path, until, abort, rest, onTime } = params;
    return new Promise((resolve, reject) => {
      let cancelTimer = (): void => undefined;
      let unlisten = (): void => undefined;
      const end = (): void => {
        cancelTimer();
        unlisten();
        this.#waiting.delete(path);
        rest.wake();
      };
      const wake = (how: GoingOn): void => {
        end();
        resolve(how);
      };
      this.#waiting.set(path, { until, wake });
      rest.rest();
      if (until !== null) cancelTimer = this.#at(until, () => wake({ known: onTime(), resumed: null }));
      unlisten = abort.onAbort((reason) => {
        end();
        reject(reason);
      });
    });
  }

  #at(until: number, wake: () => void): () => void {
    let cancelTimer = (): void => undefined;
    const look = (): void => {
      const left = until - this.#clock.now();
      if (left > 0) cancelTimer = this.#clock.schedule(left, look);
      else if (!this.#isStopping()) wake();
    };
    // Not at once: whoever waits has not been told yet that it does.
    cancelTimer = this.#clock.schedule(Math.max(0, until - this.#clock.now()), look);
    return () => cancelTimer();
  }

  /** False when it does not wait here. */
  goOn(path: string, how: GoingOn): boolean {
    const waiting = this.#waiting.get(path);
    waiting?.wake(how);
    return waiting !== undefined;
  }

  has(path: string): boolean {
    return this.#waiting.has(path);
  }

  /** When an attempt at a node that holds others is given up; null: no longer. */
  setDeadline(path: string, at: number | null): void {
    if (at === null) this.#deadlines.delete(path);
    else this.#deadlines.set(path, at);
  }

  /** When something happens by itself inside this node of the workflow. */
  nextWake(rootId: string): number | null {
    let first: number | null = null;
    for (const [path, { until }] of this.#waiting) if (rootOf(path) === rootId) first = earlier(first, until);
    for (const [path, at] of this.#deadlines) if (rootOf(path) === rootId) first = earlier(first, at);
    return first;
  }
}
