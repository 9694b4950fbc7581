import type { Clock } from '../../core/ports/clock.js';

/** For so long at most the next one waits for one that neither ends nor stops for a while. */
const ALONE_FOR_MS = 60_000;

interface Suspect {
  readonly id: string;
  /** Settles when its driver has parted from it. */
  readonly ended: Promise<unknown>;
}

/**
 * Runs that may be what ended the process before: they go on one after the other, so that another death is known to be
 * the doing of the one that was at work.
 */
export class Suspects<Entry extends Suspect> {
  readonly #clock: Clock;
  readonly #launch: (entry: Entry) => void;
  #line: Entry[] = [];

  constructor(params: { readonly clock: Clock; readonly launch: (entry: Entry) => void }) {
    this.#clock = params.clock;
    this.#launch = params.launch;
  }

  add(entry: Entry): void {
    this.#line.push(entry);
  }

  /** Whether it was in the line. */
  remove(entry: Entry): boolean {
    const before = this.#line.length;
    this.#line = this.#line.filter((one) => one !== entry);
    return this.#line.length < before;
  }

  takeAll(): readonly Entry[] {
    return this.#line.splice(0);
  }

  launchNext(): void {
    const next = this.#line.shift();
    if (next === undefined) return;
    let isOver = false;
    const goOn = (): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      this.launchNext();
    };
    const cancel = this.#clock.schedule(ALONE_FOR_MS, goOn);
    next.ended.then(goOn, goOn);
    this.#launch(next);
  }
}
