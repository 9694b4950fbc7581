import { Gather } from '../../../core/time/gather.js';

/** So many statements of one kind are under way at once; what is asked for meanwhile shares the next. */
const AT_ONCE = 2;

/** Reads that are asked for at the same time share a statement: a statement costs more than most of what it finds. */
export class BatchedRead<Key, Value> {
  readonly #gather: Gather<{ readonly key: Key; found: { readonly value: Value } | null }>;

  /** `read` finds a value for each key, in their order. */
  constructor({ most, read }: { readonly most: number; readonly read: Read<Key, Value> }) {
    this.#gather = new Gather({
      most,
      atOnce: AT_ONCE,
      work: async (asked) => {
        const values = await read(asked.map(({ key }) => key));
        asked.forEach((one, index) => (one.found = { value: values[index] as Value }));
      },
    });
  }

  async get(key: Key): Promise<Value> {
    const asked = { key, found: null as { readonly value: Value } | null };
    await this.#gather.add(asked);
    if (asked.found === null) throw new Error('A read was answered without a value.');
    return asked.found.value;
  }
}

type Read<Key, Value> = (keys: readonly Key[]) => Promise<readonly Value[]>;
