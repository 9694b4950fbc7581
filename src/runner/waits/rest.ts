import type { LazyAbort } from '../timing/lazy-abort.js';

/**
 * Whether anything of a node is at work, or all that goes on inside it waits. What works through others rests itself
 * while they go on: it is awake while one of them is.
 *
 * Who begins something inside it makes a `child`, which is awake, before it rests; and is awake again before it closes
 * that: so that it does not seem to rest between two things that it does.
 */
export class Rest {
  readonly #onChange: (isAwake: boolean) => void;
  /** Itself, and those inside that are awake. */
  #awake = 1;
  #isResting = false;

  /** Called with each change of `isAwake`. */
  constructor(onChange: (isAwake: boolean) => void) {
    this.#onChange = onChange;
  }

  get isAwake(): boolean {
    return this.#awake > 0;
  }

  rest(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    this.#count(-1);
  }

  wake(): void {
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#count(1);
  }

  /** Something that goes on inside it, awake. */
  child(onChange: (isAwake: boolean) => void = () => undefined): ChildRest {
    this.#count(1);
    return new ChildRest((isAwake) => {
      this.#count(isAwake ? 1 : -1);
      onChange(isAwake);
    });
  }

  #count(change: number): void {
    const before = this.isAwake;
    this.#awake += change;
    if (this.isAwake !== before) this.#onChange(this.isAwake);
  }
}

export class ChildRest extends Rest {
  /** It has ended. */
  close(): void {
    this.rest();
  }
}

/** Nothing is to begin any more: whoever takes the run up goes on. Rejects with what aborts. */
export function restUntilAborted(abort: LazyAbort, rest: Rest): Promise<never> {
  return new Promise((_, reject) => {
    rest.rest();
    abort.onAbort((reason) => {
      rest.wake();
      reject(reason);
    });
  });
}
