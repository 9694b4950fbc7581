import { NodeFailure } from '../../core/handlers/node-kind.js';
import { type Clock, pause } from '../../core/ports/clock.js';
import type { OutsideSecrets, SecretKind, Secrets, SecretSource, SecretsParams } from '../../core/ports/secrets.js';
import type { Sealed, SecretBox } from '../../core/ports/secret-box.js';
import type { EarlierSecret, SecretPlace, StoredSecret } from '../../core/ports/store/secrets/secret-store.js';
import type { Store } from '../../core/ports/store/store.js';
import { hiddenIn, readOAuthSecret } from '../../core/secrets/oauth-secret.js';
import { MIN_SECRET_LENGTH } from '../../core/secrets/scrub.js';
import type { SeenSecrets } from '../../core/secrets/seen-secrets.js';
import type { TokenRenewal } from './token-renewal.js';

interface SecretValuesParams {
  readonly store: Pick<Store, 'secrets' | 'transaction'>;
  readonly box: SecretBox;
  readonly outside: OutsideSecrets;
  readonly clock: Clock;
  /** Is told of every value that is opened. */
  readonly seen: SeenSecrets;
  readonly renewal: TokenRenewal;
  /** Whether other processes renew these, too. */
  readonly isShared: boolean;
}

/** Where a secret comes from. */
export interface SecretOrigin {
  readonly source: SecretSource;
  readonly kind: SecretKind;
  /** How many earlier values are kept for runs under way. */
  readonly earlier: number;
  /** Null for one that is not in the store. */
  readonly updatedAt: number | null;
}

interface Found extends SecretOrigin {
  /** What was set: a value, or credentials. */
  readonly value: string;
  readonly place: SecretPlace;
  /** Tells what was set from what was set at other times. */
  readonly of: string;
  /** Null for one that is not in the store. */
  readonly sealed: Sealed | null;
}

interface FindParams {
  readonly organizationId: string;
  readonly onlyOwn: boolean;
  /** See `SecretsParams`. */
  readonly since: number;
}

/** How long after each look what another process keeps is looked for again. */
const LOOKS_AFTER_MS = [0, 100, 400, 1_500];
/** So many earlier values of a secret are kept. */
const MAX_EARLIER = 5;

/**
 * The values of secrets: an organization's own, sealed in the store, before those for all, before files and the
 * environment.
 */
export class SecretValues implements Secrets {
  readonly #params: SecretValuesParams;

  constructor(params: SecretValuesParams) {
    this.#params = params;
  }

  async open(params: SecretsParams): Promise<ReadonlyMap<string, string>> {
    const { organizationId, onlyOwn = false, since = Infinity } = params;
    const values = new Map<string, string>();
    for (const name of params.names) {
      const found = await this.#find(name, { organizationId, onlyOwn, since });
      if (found === null) continue;
      const value = await this.#valueOf(found, params, () => this.#find(name, { organizationId, onlyOwn, since }));
      // What cannot be told from other text could not be kept from leaving.
      if (value === null || value.length < MIN_SECRET_LENGTH) continue;
      this.#params.seen.add({ name, value });
      values.set(name, value);
    }
    return values;
  }

  /** Null when it is not set. */
  async findOrigin(organizationId: string, name: string): Promise<SecretOrigin | null> {
    const found = await this.#find(name, { organizationId, onlyOwn: false, since: Infinity });
    if (found === null) return null;
    const { source, kind, earlier, updatedAt } = found;
    return { source, kind, earlier, updatedAt };
  }

  /** What is to be set before a workflow can be started that needs these, in sentences. */
  async explainMissing({ organizationId, names, onlyOwn = false }: SecretsParams): Promise<readonly string[]> {
    const reasons: string[] = [];
    for (const name of names) {
      const found = await this.#find(name, { organizationId, onlyOwn, since: Infinity });
      const whose = onlyOwn ? ' of the organization' : '';
      if (found === null) reasons.push(`The secret ${name}${whose} is not set: errand secrets set ${name}`);
      else if (found.value.length < MIN_SECRET_LENGTH)
        reasons.push(`The secret ${name} has fewer than ${MIN_SECRET_LENGTH} characters`);
    }
    return reasons;
  }

  /** As the store is to keep it in place of `before`. */
  seal(
    place: SecretPlace,
    {
      value,
      kind,
      before,
    }: { readonly value: string; readonly kind: SecretKind; readonly before: StoredSecret | null },
  ): StoredSecret {
    const { box, clock } = this.#params;
    const now = clock.now();
    const { organizationId, name } = place;
    const earlier: readonly EarlierSecret[] =
      before === null ? [] : [...before.earlier, { kind: before.kind, sealed: before.sealed, replacedAt: now }];
    const sealed = box.seal(value, placeOf(place));
    return { organizationId, name, kind, sealed, earlier: earlier.slice(-MAX_EARLIER), createdAt: now, updatedAt: now };
  }

  /** What workflows use of it; null where it would have to be renewed first, and is not to be. */
  async #valueOf(found: Found, params: SecretsParams, findAgain: () => Promise<Found | null>): Promise<string | null> {
    if (found.kind === 'value') return found.value;
    this.#hide(found, params);
    if (params.withoutRenewal === true) return null;
    try {
      return await this.#renew(found, params);
    } catch (error) {
      const latest = await this.#findReplaced(found, error, findAgain);
      if (latest === null) throw error;
      this.#hide(latest, params);
      return this.#renew(latest, params);
    }
  }

  /**
   * What stands in its place by now: another process may have used the refresh token first, and be about to keep the next
   * one.
   */
  async #findReplaced(
    { sealed }: Found,
    error: unknown,
    findAgain: () => Promise<Found | null>,
  ): Promise<Found | null> {
    const { isShared, clock } = this.#params;
    const isRefused = error instanceof NodeFailure && !error.retryable;
    for (const delayMs of isShared && isRefused ? LOOKS_AFTER_MS : [0]) {
      if (delayMs > 0) await pause(clock, delayMs);
      const latest = await findAgain();
      if (latest === null || latest.kind === 'value') return null;
      if (latest.sealed?.nonce !== sealed?.nonce) return latest;
    }
    return null;
  }

  /** What must not leave although no workflow is given it. */
  #hide({ place, value }: Found, { onHidden }: SecretsParams): void {
    for (const hidden of hiddenIn(place.name, readOAuthSecret(value))) {
      this.#params.seen.add(hidden);
      onHidden?.(hidden);
    }
  }

  #renew(found: Found, { onHidden }: SecretsParams): Promise<string> {
    const { seen, renewal } = this.#params;
    const credentials = readOAuthSecret(found.value);
    const { place, of } = found;
    const { name } = place;
    return renewal.token({
      place: placeOf(place),
      of,
      name,
      credentials,
      rotate: async (refreshToken) => {
        const hidden = { name, value: refreshToken };
        seen.add(hidden);
        onHidden?.(hidden);
        await this.#rotate(found, JSON.stringify({ ...credentials, refresh_token: refreshToken }));
      },
    });
  }

  /** Keeps what a renewal gave, unless somebody has set another value meanwhile. */
  async #rotate({ place, sealed }: Found, value: string): Promise<void> {
    const { store, box } = this.#params;
    const renewed = box.seal(value, placeOf(place));
    const isOld = (one: { readonly sealed: Sealed }): boolean => one.sealed.nonce === sealed?.nonce;
    await store.transaction(async (tx) => {
      const kept = await tx.secrets.get(place);
      if (kept === null) return;
      const earlier = kept.earlier.map((one) => (isOld(one) ? { ...one, sealed: renewed } : one));
      await tx.secrets.save({ ...kept, sealed: isOld(kept) ? renewed : kept.sealed, earlier });
    });
  }

  async #find(name: string, { organizationId, onlyOwn, since }: FindParams): Promise<Found | null> {
    const own = await this.#findStored({ organizationId, name }, 'organization', since);
    if (own !== null) return own;
    if (onlyOwn) return null;
    const place = { organizationId: null, name };
    const forAll = await this.#findStored(place, 'all', since);
    if (forAll !== null) return forAll;
    const outside = await this.#params.outside.find(name);
    return outside === null
      ? null
      : { ...outside, kind: 'value', earlier: 0, updatedAt: null, place, of: '', sealed: null };
  }

  async #findStored(place: SecretPlace, source: SecretSource, since: number): Promise<Found | null> {
    const { store, box } = this.#params;
    const stored = await store.secrets.get(place);
    if (stored === null) return null;
    const { kind, sealed, of } = valueAt(stored, since);
    const value = box.open(sealed, placeOf(place));
    return { value, kind, source, sealed, place, of, earlier: stored.earlier.length, updatedAt: stored.updatedAt };
  }
}

/** The value that held at a moment, where it is kept. */
function valueAt(
  stored: StoredSecret,
  since: number,
): { readonly kind: SecretKind; readonly sealed: Sealed; readonly of: string } {
  const held = stored.earlier.find(({ replacedAt }) => replacedAt > since);
  if (held === undefined) return { kind: stored.kind, sealed: stored.sealed, of: `${stored.updatedAt}` };
  return { kind: held.kind, sealed: held.sealed, of: `until ${held.replacedAt}` };
}

/** What a secret is sealed for: moved to another row it cannot be opened. */
const placeOf = ({ organizationId, name }: SecretPlace): string => `secrets/${organizationId ?? ''}/${name}`;
