import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';

/** How long a caller is asked to wait, in seconds: what it holds open ends at times that nobody knows. */
const RETRY_AFTER_SECONDS = 5;

/** As many as so many keys may have open, the keys of one organization may have open together. */
const KEYS_TOGETHER = 10;

/** Bounds what each key, and each organization over all its keys, may hold open at the same time, in this process. */
export class ConcurrencyLimit {
  readonly #max: number;
  readonly #what: string;
  readonly #ofKeys = new Counts();
  readonly #ofOrganizations = new Counts();

  /** `max` is that of a key; `what` names it in the refusal: `event streams`. */
  constructor(params: { readonly max: number; readonly what: string }) {
    this.#max = params.max;
    this.#what = params.what;
  }

  /**
   * Counts one in; what it returns counts it out again, once. Throws `rate_limited` when the caller has as many as it
   * may.
   */
  enter({ keyId, organizationId }: Principal): () => void {
    const id = keyId ?? organizationId;
    if (this.#ofKeys.of(id) >= this.#max) throw this.#refuse(this.#max, 'with one key');
    const together = this.#max * KEYS_TOGETHER;
    if (this.#ofOrganizations.of(organizationId) >= together) throw this.#refuse(together, 'in one organization');
    this.#ofKeys.change(id, 1);
    this.#ofOrganizations.change(organizationId, 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#ofKeys.change(id, -1);
      this.#ofOrganizations.change(organizationId, -1);
    };
  }

  #refuse(max: number, where: string): ErrandError {
    const message = `At most ${max} ${this.#what} may be open ${where} at a time. Close some, or try again later.`;
    return new ErrandError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  change(id: string, by: 1 | -1): void {
    const count = this.of(id) + by;
    if (count === 0) this.#counts.delete(id);
    else this.#counts.set(id, count);
  }
}
