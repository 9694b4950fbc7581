import { Asking } from './asking.js';
import type { Frame } from './frame.js';

/** What a page of the app shows, asked for through the host again and again, until `ask` says null. */
export abstract class Model<State extends { readonly stale: string | null }> {
  protected readonly frame: Frame;
  protected readonly onChange: () => void;
  protected readonly asking: Asking;
  #state: State;

  constructor(frame: Frame, onChange: () => void, first: State) {
    this.frame = frame;
    this.onChange = onChange;
    this.#state = first;
    this.asking = new Asking(
      () => this.ask(),
      (why) => this.set({ stale: why } as Partial<State>),
    );
  }

  get state(): State {
    return this.#state;
  }

  end(): void {
    this.asking.end();
  }

  /** Gives the milliseconds until it is to be asked for again; null: it has ended. */
  protected abstract ask(): Promise<number | null>;

  protected set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.onChange();
  }
}
