import { ErrandError } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { KeyStore } from '../../core/ports/store/key-store.js';
import type { OrganizationStore } from '../../core/ports/store/organization-store.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Principal } from '../../core/tenant/principal.js';
import { openText, sealText } from '../sealed-text.js';
import { touchOncePerMinute } from '../touch-once-per-minute.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How long somebody may stay away. */
export const MAX_IDLE_MS = 8 * HOUR_MS;
/** When they have to sign in again, however busy they are. */
export const MAX_SESSION_MS = 24 * HOUR_MS;
/** A session that is in use is written anew so often at most. */
const RENEW_AFTER_MS = 5 * MINUTE_MS;

/** What a browser carries, sealed: which key somebody has signed in with, never the key. */
interface Session {
  readonly organizationId: string;
  readonly keyId: string;
  readonly begunAt: number;
  readonly seenAt: number;
}

export interface CheckedSession {
  /** As if they had sent the key, until the session ends. */
  readonly principal: Principal;
  /** The session as the browser is to have it from now on; null: as it is. */
  readonly renewed: string | null;
}

/** Whose session it is, for the page to show. */
export interface SessionOwner {
  readonly key: Pick<ApiKey, 'name' | 'hint'>;
  readonly organization: Pick<Organization, 'slug' | 'name'>;
}

interface SessionDeps {
  readonly store: {
    readonly keys: Pick<KeyStore, 'get' | 'touch'>;
    readonly organizations: Pick<OrganizationStore, 'get'>;
  };
  readonly clock: Pick<Clock, 'now'>;
  /** What sessions are sealed with; the same in every process. */
  readonly sealKey: () => Buffer;
}

/**
 * Sessions of people in the console. Nothing of them is kept here: the key that somebody signed in with is read from
 * the store with each request, so that a session ends with its key.
 */
export class ConsoleSessions {
  readonly #deps: SessionDeps;
  readonly #touch: (id: string, now: number) => void;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#touch = touchOncePerMinute(deps.store.keys);
  }

  /** For whoever has shown a key. Throws `forbidden` for other credentials. */
  begin({ organizationId, keyId, isGrant }: Principal): string {
    if (keyId === null || isGrant === true) throw new ErrandError('forbidden', 'Signing in takes an API key.');
    const now = this.#deps.clock.now();
    return this.#seal({ organizationId, keyId, begunAt: now, seenAt: now });
  }

  /** Throws `unauthenticated` when it is none, has ended, or its key has. */
  async check(sealed: string | null): Promise<CheckedSession> {
    const { clock, store, sealKey } = this.#deps;
    const session = sealed === null ? null : (openText(sealed, sealKey()) as Session | null);
    if (session === null) throw new ErrandError('unauthenticated', 'You are not signed in.');
    const now = clock.now();
    const end = session.begunAt + MAX_SESSION_MS;
    if (now >= end || now - session.seenAt >= MAX_IDLE_MS) {
      throw new ErrandError('unauthenticated', 'Your session has ended. Sign in again.');
    }
    const { organizationId, keyId } = session;
    const key = await store.keys.get({ organizationId, id: keyId });
    if (key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) {
      throw new ErrandError('unauthenticated', 'The key that you signed in with was revoked or has expired.');
    }
    this.#touch(keyId, now);
    const expiresAt = Math.min(key.expiresAt ?? end, end);
    const principal: Principal = { organizationId, keyId, scopes: key.scopes, expiresAt };
    return {
      principal,
      renewed: now - session.seenAt < RENEW_AFTER_MS ? null : this.#seal({ ...session, seenAt: now }),
    };
  }

  async describeOwner({ organizationId, keyId }: Principal): Promise<SessionOwner> {
    const { keys, organizations } = this.#deps.store;
    const [key, organization] = await Promise.all([
      keys.get({ organizationId, id: keyId ?? '' }),
      organizations.get({ id: organizationId }),
    ]);
    if (key === null || organization === null) throw new ErrandError('unauthenticated', 'You are not signed in.');
    return { key, organization };
  }

  #seal(session: Session): string {
    return sealText(session, this.#deps.sealKey());
  }
}
