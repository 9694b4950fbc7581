import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../core/ports/store/store.js';

export type MakeStore = () => Promise<Store>;

/** For tests that make hundreds of commits, one after the other, which takes long where others keep the machine busy. */
export const MANY_COMMITS = { timeout: 120_000 };

/** One store for the tests of a `describe`, closed after them. */
export function useStore(makeStore: MakeStore): () => Store {
  let store: Store | undefined;
  beforeAll(async () => {
    store = await makeStore();
  });
  afterAll(async () => {
    await store?.close();
  });
  return () => store!;
}
