import type { Clock } from '../../core/ports/clock.js';
import type { OutsideSecrets, Secrets, SecretSource, SecretsParams } from '../../core/ports/secrets.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { SecretPlace, StoredSecret } from '../../core/ports/store/secrets/secret-store.js';
import type { Store } from '../../core/ports/store/store.js';
import { MIN_SECRET_LENGTH } from '../../core/secrets/scrub.js';
import type { SeenSecrets } from '../../core/secrets/seen-secrets.js';

interface SecretValuesParams {
  readonly store: Pick<Store, 'secrets'>;
  readonly box: SecretBox;
  readonly outside: OutsideSecrets;
  readonly clock: Clock;
  /** Is told of every value that is opened. */
  readonly seen: SeenSecrets;
}

interface Found {
  readonly value: string;
  readonly source: SecretSource;
}

/**
 * The values of secrets: an organization's own, sealed in the store, before those for all, before files and the
 * environment.
 */
export class SecretValues implements Secrets {
  readonly #params: SecretValuesParams;

  constructor(params: SecretValuesParams) {
    this.#params = params;
  }

  async open({ organizationId, names }: SecretsParams): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    for (const name of names) {
      const found = await this.#find(organizationId, name);
      // What cannot be told from other text could not be kept from leaving.
      if (found === null || found.value.length < MIN_SECRET_LENGTH) continue;
      this.#params.seen.add({ name, value: found.value });
      values.set(name, found.value);
    }
    return values;
  }

  /** Null when it is not set. */
  async sourceOf(organizationId: string, name: string): Promise<SecretSource | null> {
    return (await this.#find(organizationId, name))?.source ?? null;
  }

  /** What is to be set before a workflow can be started that needs these, in sentences. */
  async explainMissing({ organizationId, names }: SecretsParams): Promise<readonly string[]> {
    const reasons: string[] = [];
    for (const name of names) {
      const found = await this.#find(organizationId, name);
      if (found === null) reasons.push(`The secret ${name} is not set: errand secrets set ${name}`);
      else if (found.value.length < MIN_SECRET_LENGTH)
        reasons.push(`The secret ${name} has fewer than ${MIN_SECRET_LENGTH} characters`);
    }
    return reasons;
  }

  /** As the store is to keep it. */
  seal({ organizationId, name }: SecretPlace, value: string): StoredSecret {
    const { box, clock } = this.#params;
    const now = clock.now();
    const sealed = box.seal(value, placeOf({ organizationId, name }));
    return { organizationId, name, sealed, createdAt: now, updatedAt: now };
  }

  async #find(organizationId: string, name: string): Promise<Found | null> {
    const own = await this.#stored({ organizationId, name });
    if (own !== null) return { value: own, source: 'organization' };
    const forAll = await this.#stored({ organizationId: null, name });
    if (forAll !== null) return { value: forAll, source: 'all' };
    return this.#params.outside.find(name);
  }

  async #stored(place: SecretPlace): Promise<string | null> {
    const { store, box } = this.#params;
    const stored = await store.secrets.get(place);
    return stored === null ? null : box.open(stored.sealed, placeOf(place));
  }
}

/** What a secret is sealed for: moved to another row it cannot be opened. */
const placeOf = ({ organizationId, name }: SecretPlace): string => `secrets/${organizationId ?? ''}/${name}`;
