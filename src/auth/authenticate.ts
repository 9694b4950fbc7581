import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/ports/clock.js';
import { ErrandError } from '../core/errors.js';
import type { KeyMaker } from '../core/ports/key-maker.js';
import type { Principal } from '../core/tenant/principal.js';
import type { KeyStore } from '../core/ports/store/key-store.js';

/**
 * From the value of an `Authorization` header to who is calling; `from` is the address that the call came from. Throws
 * `unauthenticated`.
 */
export type Authenticate = (authorizationHeader: string | undefined, from?: string) => Promise<Principal>;

/** RFC 6750, section 2.1; the scheme's name is case-insensitive. */
const BEARER = /^bearer +([\w.~+/-]{1,200}=*) *$/i;
/** `${NAME}`, `$NAME`, `{{NAME}}` and `<NAME>`, as they stand in hosts' settings. */
const UNFILLED = /^bearer +(?:\$?\{.{1,200}\}|\$\w{1,200}|<[^>]{1,200}>) *$/i;
const TOUCH_INTERVAL_MS = 60_000;
const MAX_TOUCHED = 10_000;
/** What a hash is compared with when there is no such key: the comparison takes its time either way. */
const NO_HASH = Buffer.alloc(32);

/**
 * Keys are asked of the store on each call, so that revocation and expiry take effect as soon as it knows of them.
 * `KeyWatch` ends what outlives its call.
 */
export function createAuthenticator(deps: {
  readonly store: { readonly keys: Pick<KeyStore, 'find' | 'touch'> };
  readonly clock: Pick<Clock, 'now'>;
  readonly keys: Pick<KeyMaker, 'hashKey'>;
}): Authenticate {
  const { store, clock, keys } = deps;
  const touch = touchOncePerMinute(store.keys);

  return async (authorizationHeader, from) => {
    const hash = keys.hashKey(parseBearer(authorizationHeader));
    const key = await store.keys.find({ hash });
    const same = timingSafeEqual(Buffer.from(hash, 'hex'), key === null ? NO_HASH : Buffer.from(key.hash, 'hex'));
    const now = clock.now();
    if (key === null || !same || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) {
      throw new ErrandError('unauthenticated', 'The API key is not valid: it is unknown, expired or revoked.');
    }
    touch(key.id, now);
    const { organizationId, id: keyId, scopes, expiresAt } = key;
    return expiresAt === null
      ? { organizationId, keyId, scopes, from }
      : { organizationId, keyId, scopes, from, expiresAt };
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

interface Touchable {
  touch(params: { readonly id: string; readonly at: number }): Promise<void>;
}

/** Writes down that a grant or key is in use, without making the caller wait or fail. */
export function touchOncePerMinute(store: Touchable): (id: string, now: number) => void {
  const touchedAt = new Map<string, number>();
  return (id, now) => {
    const last = touchedAt.get(id);
    if (last !== undefined && Math.abs(now - last) < TOUCH_INTERVAL_MS) return;
    if (touchedAt.size >= MAX_TOUCHED) touchedAt.clear();
    touchedAt.set(id, now);
    void store.touch({ id, at: now }).catch(() => undefined);
  };
}
