import { setImmediate as nextTurn } from 'node:timers/promises';

const MAX_TURN_MS = 8;

/** Lets everybody else have a turn when a loop has computed for a while. */
export class Pace {
  #since = performance.now();

  async turn(): Promise<void> {
    if (performance.now() - this.#since < MAX_TURN_MS) return;
    await nextTurn();
    this.#since = performance.now();
  }
}

/** The first of the items that are wanted, at most so many. */
export async function takeWanted<T>(
  items: Iterable<T>,
  params: { readonly most: number; readonly wants: (item: T) => boolean; readonly signal: AbortSignal },
): Promise<T[]> {
  const { most, wants, signal } = params;
  const pace = new Pace();
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === most) break;
    signal.throwIfAborted();
    if (wants(item)) taken.push(item);
    await pace.turn();
  }
  return taken;
}
