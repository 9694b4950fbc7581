import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { BEAT_MS, VITALS } from '../wire/vitals.js';
import type { Place } from '../wire/messages.js';

/** One call, as everything that goes on in it knows. */
export interface CallScope {
  readonly call: number;
  /** Null while a module is inspected. */
  readonly place: Place | null;
  /** Whether it has ended: what goes on regardless is nobody's any more. */
  ended: boolean;
  /** How many answers it waits for. */
  asked: number;
}

const storage = new AsyncLocalStorage<CallScope>();

/** The call in which this is asked. */
export function currentScope(): CallScope | null {
  return storage.getStore() ?? null;
}

export function runInScope<T>(scope: CallScope, work: () => T): T {
  return storage.run(scope, () => {
    VitalSigns.current?.enter(scope.call);
    return work();
  });
}

/** Tells whoever watches this thread that it is alive, how many calls it has, and in which it is just now. */
export class VitalSigns {
  static current: VitalSigns | null = null;
  readonly #vitals: Int32Array;
  #calls = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(vitals: Int32Array) {
    this.#vitals = vitals;
    VitalSigns.current = this;
    createHook({
      before: () => {
        this.#vitals[VITALS.current] = storage.getStore()?.call ?? 0;
      },
    }).enable();
  }

  enter(call: number): void {
    this.#vitals[VITALS.current] = call;
  }

  /** Whether the call may be begun. In this order: whoever closes this looks at what has begun after that. */
  mayBegin(call: number): boolean {
    // One whose input is large may come after those that were given later.
    if (call > Atomics.load(this.#vitals, VITALS.begun)) Atomics.store(this.#vitals, VITALS.begun, call);
    return Atomics.load(this.#vitals, VITALS.closed) === 0;
  }

  /** Unless it was closed once more since: what came before that is given to others, too. */
  reopen(closing: number): void {
    Atomics.compareExchange(this.#vitals, VITALS.closed, closing, 0);
  }

  begin(): void {
    this.#calls += 1;
    this.beat();
    Atomics.store(this.#vitals, VITALS.calls, this.#calls);
    if (this.#calls === 1) Atomics.notify(this.#vitals, VITALS.calls);
    this.#timer ??= setInterval(() => this.#tick(), BEAT_MS).unref();
  }

  end(): void {
    this.#calls -= 1;
    Atomics.store(this.#vitals, VITALS.calls, this.#calls);
  }

  beat(): void {
    Atomics.add(this.#vitals, VITALS.beat, 1);
  }

  /** With nothing to do there is nothing to tell. */
  #tick(): void {
    this.beat();
    if (this.#calls > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
