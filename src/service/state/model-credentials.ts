import type { Clock } from '../../core/ports/clock.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { Store } from '../../core/ports/store/store.js';
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

  async set({ organizationId, provider, key }: Place & { readonly key: string }): Promise<ModelCredentialView> {
    const view = { provider, hint: key.slice(-HINT_LENGTH), createdAt: this.#clock.now() };
    const sealed = this.#box.seal(key, cacheKey(organizationId, provider));
    await this.#store.models.saveCredential({ ...view, organizationId, sealed });
    this.#forget({ organizationId, provider });
    return view;
  }

  /** False when there is none. */
  async remove(place: Place): Promise<boolean> {
    const removed = await this.#store.models.deleteCredential(place);
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

interface Place {
  readonly organizationId: string;
  readonly provider: string;
}

/** What a key is sealed for: moved to another row it cannot be opened. */
function cacheKey(organizationId: string, provider: string): string {
  return `model_credentials/${organizationId}/${provider}`;
}
