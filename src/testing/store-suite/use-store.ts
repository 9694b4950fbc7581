import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../core/ports/store/store.js';

export type MakeStore = () => Promise<Store>;

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
