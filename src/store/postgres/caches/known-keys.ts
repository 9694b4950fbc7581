import type { ApiKey } from '../../../core/tenant/api-key.js';
import { Recent } from '../../rows/recent/recent.js';

/** How long another process may go on to let in a key that was revoked. */
const FRESH_MS = 250;
/** So many to twice as many. */
const MAX_REMEMBERED = 1_000;

/**
 * API keys as they were read in the last moments: each call is made with one, and most calls are polls. What this
 * process changes holds at once.
 */
export class KnownKeys {
  readonly #read: (hash: string) => Promise<ApiKey | null>;
  readonly #now: () => number;
  readonly #recent = new Recent<{ readonly key: ApiKey; readonly askedAt: number }>(MAX_REMEMBERED);
  #changes = 0;

  /** `now`: milliseconds that only grow. */
  constructor({ read, now }: { readonly read: KnownKeys['find']; readonly now: () => number }) {
    this.#read = read;
    this.#now = now;
  }

  async find(hash: string): Promise<ApiKey | null> {
    const known = this.#recent.get(hash);
    const askedAt = this.#now();
    if (known !== undefined && askedAt - known.askedAt < FRESH_MS) return known.key;
    const changes = this.#changes;
    const key = await this.#read(hash);
    // What was read before a change may be from before it.
    if (key !== null && this.#changes === changes) this.#recent.set(hash, { key, askedAt });
    return key;
  }

  /** Has what is read from now on hold the change. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#changes += 1;
      this.#recent.clear();
    }
  }
}
