import { ErrandError } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { GrantStore } from '../../core/ports/store/grant-store.js';
import type { KeyStore } from '../../core/ports/store/key-store.js';
import type { OrganizationStore } from '../../core/ports/store/organization-store.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Principal } from '../../core/tenant/principal.js';
import { openText, sealText } from '../sealed-text.js';
import { touchOncePerMinute } from '../authenticate.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How long somebody may stay away. */
export const MAX_IDLE_MS = 8 * HOUR_MS;
/** When they have to sign in again, however busy they are. */
export const MAX_SESSION_MS = 24 * HOUR_MS;
/** A session that is in use is written anew so often at most. */
const RENEW_AFTER_MS = 5 * MINUTE_MS;

/** What a browser carries, sealed: which key or grant somebody has signed in with, never the key. */
interface Session {
  readonly organizationId: string;
  readonly keyId: string;
  /** Of a person whom an identity provider vouched for: `keyId` is that of a grant. */
  readonly isGrant?: true;
  readonly begunAt: number;
  readonly seenAt: number;
}

export interface CheckedSession {
  /** As if they had sent the key, or a token of the grant, until the session ends. */
  readonly principal: Principal;
  /** The session as the browser is to have it from now on; null: as it is. */
  readonly renewed: string | null;
}

/** Whose session it is, for the page to show. */
export interface SessionOwner {
  /** Null for a person. */
  readonly key: Pick<ApiKey, 'name' | 'hint'> | null;
  /** Who it is, where an identity provider has said so. */
  readonly person: string | null;
  readonly organization: Pick<Organization, 'slug' | 'name'>;
}

/** What a session stands and falls with. */
type Credential = Pick<ApiKey, 'scopes' | 'expiresAt' | 'revokedAt'>;

interface SessionDeps {
  readonly store: {
    readonly keys: Pick<KeyStore, 'get' | 'touch'>;
    readonly grants: Pick<GrantStore, 'get' | 'touch'>;
    readonly organizations: Pick<OrganizationStore, 'get'>;
  };
  readonly clock: Pick<Clock, 'now'>;
  /** What sessions are sealed with; the same in every process. */
  readonly sealKey: () => Buffer;
}

/**
 * Sessions of people in the console. Nothing of them is kept here: the key or grant that somebody signed in with is read
 * from the store with each request, so that a session ends with it.
 */
export class ConsoleSessions {
  readonly #deps: SessionDeps;
  readonly #touchKey: (id: string, now: number) => void;
  readonly #touchGrant: (id: string, now: number) => void;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#touchKey = touchOncePerMinute(deps.store.keys);
    this.#touchGrant = touchOncePerMinute(deps.store.grants);
  }

  /** For whoever has shown a key. Throws `forbidden` for other credentials. */
  begin({ organizationId, keyId, isGrant }: Principal): string {
    if (keyId === null || isGrant === true) throw new ErrandError('forbidden', 'Signing in takes an API key.');
    const now = this.#deps.clock.now();
    return this.#seal({ organizationId, keyId, begunAt: now, seenAt: now });
  }

  /** For a person whom an identity provider has vouched for, by the grant that they got. */
  beginForPerson({ organizationId, keyId }: Principal): string {
    const now = this.#deps.clock.now();
    return this.#seal({ organizationId, keyId: keyId ?? '', isGrant: true, begunAt: now, seenAt: now });
  }

  /** Throws `unauthenticated` when it is none, has ended, or its key or grant has. */
  async check(sealed: string | null): Promise<CheckedSession> {
    const { clock, sealKey } = this.#deps;
    const session = sealed === null ? null : (openText(sealed, sealKey()) as Session | null);
    if (session === null) throw new ErrandError('unauthenticated', 'You are not signed in.');
    const now = clock.now();
    const end = session.begunAt + MAX_SESSION_MS;
    if (now >= end || now - session.seenAt >= MAX_IDLE_MS) {
      throw new ErrandError('unauthenticated', 'Your session has ended. Sign in again.');
    }
    const { organizationId, keyId } = session;
    const credential = await this.#findCredential(session, now);
    const principal: Principal = {
      organizationId,
      keyId,
      scopes: credential.scopes,
      expiresAt: Math.min(credential.expiresAt ?? end, end),
      ...(session.isGrant === true ? { isGrant: true } : {}),
    };
    return {
      principal,
      renewed: now - session.seenAt < RENEW_AFTER_MS ? null : this.#seal({ ...session, seenAt: now }),
    };
  }

  async describeOwner({ organizationId, keyId, isGrant }: Principal): Promise<SessionOwner> {
    const { keys, grants, organizations } = this.#deps.store;
    const place = { organizationId, id: keyId ?? '' };
    const [key, grant, organization] = await Promise.all([
      isGrant === true ? null : keys.get(place),
      isGrant === true ? grants.get(place) : null,
      organizations.get({ id: organizationId }),
    ]);
    if ((key === null && grant === null) || organization === null)
      throw new ErrandError('unauthenticated', 'You are not signed in.');
    return { key, person: grant?.subject ?? null, organization };
  }

  /** Throws `unauthenticated` when the key or the grant has ended. */
  async #findCredential({ organizationId, keyId: id, isGrant }: Session, now: number): Promise<Credential> {
    const { keys, grants } = this.#deps.store;
    const found: Credential | null =
      isGrant === true ? await grants.get({ organizationId, id }) : await keys.get({ organizationId, id });
    if (found === null || found.revokedAt !== null || (found.expiresAt !== null && found.expiresAt <= now)) {
      const what = isGrant === true ? 'Your sign-in was revoked' : 'The key that you signed in with was revoked';
      throw new ErrandError('unauthenticated', `${what} or has expired.`);
    }
    if (isGrant === true) this.#touchGrant(id, now);
    else this.#touchKey(id, now);
    return found;
  }

  #seal(session: Session): string {
    return sealText(session, this.#deps.sealKey());
  }
}
