import type { Clock } from '../../core/ports/clock.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { Records, Store } from '../../core/ports/store/store.js';
import type { ModelCredentialView } from '../interface/services.js';

const HINT_LENGTH = 4;
const MAX_REMEMBERED = 10_000;
const REMEMBER_MS = 1_000;

/** Organizations' own keys for providers of models: sealed in the store, opened when a model is asked. */
export class ModelCredentials {
  readonly #store: Store;
  readonly #box: SecretBox;
  readonly #clock: Clock;
  /** Whether other processes write too: then nothing is remembered for longer than `REMEMBER_MS`. */
  readonly #isShared: boolean;
  /** Every model call asks for its key. What is written here is forgotten. */
  readonly #known = new Map<string, string | null>();
  #since = 0;
  #changes = 0;

  constructor(params: {
    readonly store: Store;
    readonly box: SecretBox;
    readonly clock: Clock;
    readonly isShared?: boolean;
  }) {
    this.#isShared = params.isShared === true;
    this.#store = params.store;
    this.#box = params.box;
    this.#clock = params.clock;
  }

  /** Null when the organization has none. Throws `unavailable` when it cannot be opened. */
  async keyOf(provider: string, organizationId: string): Promise<string | null> {
    const place = cacheKey(organizationId, provider);
    if (this.#isShared) this.#forgetOld();
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const before = this.#changes;
    const credential = await this.#store.models.getCredential({ organizationId, provider });
    const key = credential === null ? null : this.#box.open(credential.sealed, place);
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    if (this.#changes === before) this.#known.set(place, key);
    return key;
  }

  async list(organizationId: string): Promise<readonly ModelCredentialView[]> {
    const credentials = await this.#store.models.listCredentials({ organizationId });
    return credentials.map(({ provider, hint, createdAt }) => ({ provider, hint, createdAt }));
  }

  /** `record` is done with it, or neither is. */
  async set({
    organizationId,
    provider,
    key,
    record,
  }: Change & { readonly key: string }): Promise<ModelCredentialView> {
    const view = { provider, hint: key.slice(-HINT_LENGTH), createdAt: this.#clock.now() };
    const sealed = this.#box.seal(key, cacheKey(organizationId, provider));
    await this.#store.transaction(async (tx) => {
      await tx.models.saveCredential({ ...view, organizationId, sealed });
      await record(tx);
    });
    this.#forget({ organizationId, provider });
    return view;
  }

  /** False when there is none. */
  async remove({ record, ...place }: Change): Promise<boolean> {
    const removed = await this.#store.transaction(async (tx) => {
      const isRemoved = await tx.models.deleteCredential(place);
      if (isRemoved) await record(tx);
      return isRemoved;
    });
    this.#forget(place);
    return removed;
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    if (Math.abs(now - this.#since) < REMEMBER_MS) return;
    this.#since = now;
    this.#known.clear();
  }

  #forget({ organizationId, provider }: Place): void {
    this.#changes += 1;
    this.#known.delete(cacheKey(organizationId, provider));
  }
}

interface Change extends Place {
  readonly record: (tx: Records) => Promise<void>;
}

interface Place {
  readonly organizationId: string;
  readonly provider: string;
}

/** What a key is sealed for: moved to another row it cannot be opened. */
function cacheKey(organizationId: string, provider: string): string {
  return `model_credentials/${organizationId}/${provider}`;
}
