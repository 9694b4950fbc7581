import type { Rate } from '../core/tenant/scheduling.js';

/** What a gate is called when it keeps somebody waiting: `a free slot: 500 of 500 runs are active`. */
export interface GateWords {
  readonly what: string;
  readonly active: string;
}

/**
 * A limit that work passes through: how much of it may go on at once, and how much may begin within a time. Null: no
 * limit.
 */
export class Gate {
  readonly #words: GateWords;
  #limit: number | null;
  #active = 0;
  #rate: Rate | null;
  /** The latest beginnings, as a ring of at most the rate's count. */
  #begun: number[] = [];
  #oldest = 0;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(params: { readonly words: GateWords; readonly limit: number | null; readonly rate?: Rate | null }) {
    this.#words = params.words;
    this.#limit = params.limit;
    this.#rate = params.rate ?? null;
  }

  /** Whether it can ever be closed. */
  get limits(): boolean {
    return this.#limit !== null || this.#rate !== null;
  }

  get active(): number {
    return this.#active;
  }

  /** How many have begun within the time of the rate; 0 without one. */
  begunAt(now: number): number {
    if (this.#rate === null) return 0;
    this.#followClock(now);
    const since = now - this.#rate.perMs;
    return this.#begun.filter((at) => at > since).length;
  }

  /** Those that are beyond a lowered limit go on. */
  setLimit(limit: number | null): void {
    this.#limit = limit;
  }

  /** What has begun counts against the new rate too. */
  setRate(rate: Rate | null): void {
    if (rate?.count === this.#rate?.count && rate?.perMs === this.#rate?.perMs) return;
    const inOrder = [...this.#begun.slice(this.#oldest), ...this.#begun.slice(0, this.#oldest)];
    this.#begun = rate === null ? [] : inOrder.slice(-rate.count);
    this.#oldest = 0;
    this.#rate = rate;
  }

  isOpen(now: number): boolean {
    return this.#hasRoom() && this.#rateOpensAt(now) <= now;
  }

  enter(now: number): void {
    this.#active += 1;
    if (this.#rate === null) return;
    this.#followClock(now);
    this.#latest = now;
    if (this.#begun.length < this.#rate.count) this.#begun.push(now);
    else {
      this.#begun[this.#oldest] = now;
      this.#oldest = (this.#oldest + 1) % this.#begun.length;
    }
  }

  leave(): void {
    this.#active -= 1;
  }

  /** When time alone opens it; null when it is open, and when only an end of something opens it. */
  opensAt(now: number): number | null {
    if (!this.#hasRoom()) return null;
    const at = this.#rateOpensAt(now);
    return at > now ? at : null;
  }

  /** What one waits for at a closed gate. */
  explain(now: number): string {
    const { what, active } = this.#words;
    if (!this.#hasRoom()) return `${what}: ${this.#active} of ${this.#limit} ${active}`;
    const { count = 0, perMs = 0 } = this.#rate ?? {};
    const seconds = Math.max(1, Math.ceil((this.#rateOpensAt(now) - now) / 1_000));
    return `${what}: ${count} of ${count} were begun within ${perMs / 1_000} s, the next may in ${seconds} s`;
  }

  #hasRoom(): boolean {
    return this.#limit === null || this.#active < this.#limit;
  }

  #rateOpensAt(now: number): number {
    if (this.#rate === null || this.#begun.length < this.#rate.count) return now;
    this.#followClock(now);
    return (this.#begun[this.#oldest] ?? now) + this.#rate.perMs;
  }

  /**
   * When the clock has been set back, what was begun counts as begun just now: never more than the rate, nor a longer
   * wait.
   */
  #followClock(now: number): void {
    const ahead = this.#latest - now;
    if (ahead <= 0) return;
    for (let index = 0; index < this.#begun.length; index += 1) this.#begun[index]! -= ahead;
    this.#latest = now;
  }
}

/** The gate of this id among them, with the limit as it is now; made where there is none. */
export function gateIn(gates: Map<string, Gate>, id: string, words: GateWords, limit: number): Gate {
  let gate = gates.get(id);
  if (gate === undefined) {
    gate = new Gate({ words, limit });
    gates.set(id, gate);
  } else gate.setLimit(limit);
  return gate;
}

/** What is active at each gate. */
export function activeOf(gates: ReadonlyMap<string, Gate>): ReadonlyMap<string, number> {
  return new Map([...gates].map(([id, { active }]) => [id, active]));
}
