import { ErrandError } from '../core/errors.js';
import type { Principal } from '../core/tenant/principal.js';

/** How long a caller is asked to wait, in seconds: what it holds open ends at times that nobody knows. */
const RETRY_AFTER_SECONDS = 5;

/** Bounds what each key may hold open at the same time, in this process. */
export class ConcurrencyLimit {
  readonly #max: number;
  readonly #what: string;
  readonly #open = new Map<string, number>();

  /** `what` names it in the refusal: `event streams`. */
  constructor(params: { readonly max: number; readonly what: string }) {
    this.#max = params.max;
    this.#what = params.what;
  }

  /** Counts one in; what it returns counts it out again, once. Throws `rate_limited` when the caller has as many as it may. */
  enter({ keyId, organizationId }: Principal): () => void {
    const id = keyId ?? organizationId;
    const count = this.#open.get(id) ?? 0;
    if (count >= this.#max) {
      const message = `At most ${this.#max} ${this.#what} may be open with one key at a time. Close some, or try again later.`;
      throw new ErrandError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    this.#open.set(id, count + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (this.#open.get(id) ?? 1) - 1;
      if (left === 0) this.#open.delete(id);
      else this.#open.set(id, left);
    };
  }
}
