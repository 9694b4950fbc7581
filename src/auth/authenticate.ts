import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/ports/clock.js';
import { ErrandError } from '../core/errors.js';
import type { KeyMaker } from '../core/ports/key-maker.js';
import type { Principal } from '../core/tenant/principal.js';
import type { ApiKey } from '../core/tenant/api-key.js';
import type { KeyStore } from '../core/ports/store/key-store.js';

/** From the value of an `Authorization` header to who is calling. Throws `unauthenticated`. */
export type Authenticate = (authorizationHeader: string | undefined) => Promise<Principal>;

/** RFC 6750, section 2.1; the scheme's name is case-insensitive. */
const BEARER = /^bearer +([\w.~+/-]{1,200}=*) *$/i;
/** `${NAME}`, `$NAME`, `{{NAME}}` and `<NAME>`, as they stand in hosts' settings. */
const UNFILLED = /^bearer +(?:\$?\{.{1,200}\}|\$\w{1,200}|<[^>]{1,200}>) *$/i;
const TOUCH_INTERVAL_MS = 60_000;
/** What a hash is compared with when there is no such key: the comparison takes its time either way. */
const NO_HASH = Buffer.alloc(32);

/**
 * Keys are read from the store on each call, so that revocation and expiry take effect at once. `KeyWatch` ends what
 * outlives its call.
 */
export function createAuthenticator(deps: {
  readonly store: { readonly keys: Pick<KeyStore, 'find' | 'touch'> };
  readonly clock: Pick<Clock, 'now'>;
  readonly keys: Pick<KeyMaker, 'hashKey'>;
}): Authenticate {
  const { store, clock, keys } = deps;
  const touching = new Set<string>();

  /** Writes down that a key is in use, at most once a minute, without making the caller wait or fail. */
  const touch = (key: ApiKey, now: number): void => {
    if (touching.has(key.id) || (key.lastUsedAt !== null && now - key.lastUsedAt < TOUCH_INTERVAL_MS)) return;
    touching.add(key.id);
    void store.keys
      .touch({ id: key.id, at: now })
      .catch(() => undefined)
      .finally(() => touching.delete(key.id));
  };

  return async (authorizationHeader) => {
    const hash = keys.hashKey(parseBearer(authorizationHeader));
    const key = await store.keys.find({ hash });
    const same = timingSafeEqual(Buffer.from(hash, 'hex'), key === null ? NO_HASH : Buffer.from(key.hash, 'hex'));
    const now = clock.now();
    if (key === null || !same || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) {
      throw new ErrandError('unauthenticated', 'The API key is not valid: it is unknown, expired or revoked.');
    }
    touch(key, now);
    const { organizationId, id: keyId, scopes, expiresAt } = key;
    return expiresAt === null ? { organizationId, keyId, scopes } : { organizationId, keyId, scopes, expiresAt };
  };
}

function parseBearer(header: string | undefined): string {
  if (header === undefined || header.trim() === '') {
    throw new ErrandError('unauthenticated', 'The API key is missing: send it as "Authorization: Bearer <key>".');
  }
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) {
    if (UNFILLED.test(header)) {
      throw new ErrandError(
        'unauthenticated',
        'The Authorization header is malformed: it holds the name of a variable in place of the API key. The host did not fill it in.',
      );
    }
    throw new ErrandError(
      'unauthenticated',
      'The Authorization header is malformed: it must be "Bearer", a space and an API key.',
    );
  }
  return token;
}
