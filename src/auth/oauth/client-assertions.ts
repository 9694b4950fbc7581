import type { FetchImplementation, JWTVerifyGetKey } from 'jose';
import { errorMessage } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';
import type { FetchDocument } from './client-documents.js';
import type { Client } from './client-metadata.js';
import type { Signing } from './signing.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far the clocks of a client and of this server may be apart, in seconds. */
const TOLERANCE = 60;
const MAX_LIFE_SECONDS = 3_600;
const MAX_LENGTH = 16_384;
const MAX_ID_LENGTH = 500;
const MAX_KEPT = 500;

export type ReadAssertion =
  | {
      readonly kind: 'signed';
      /** By which a second use is known. */
      readonly id: string;
      /** Epoch milliseconds. */
      readonly expiresAt: number;
    }
  | { readonly kind: 'refused' }
  /** The client's keys cannot be had now. */
  | { readonly kind: 'unknown' };

class KeysUnavailable extends Error {}

/** Assertions by which clients prove themselves with their keys (RFC 7523, section 3). */
export class ClientAssertions {
  readonly #fetch: FetchDocument;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logger: Logger;
  /** By the host that keys are fetched from. */
  readonly #limit: RateLimiter;
  /** By the address that they are at. */
  readonly #fetched = new Map<string, JWTVerifyGetKey>();

  constructor(params: {
    readonly fetch: FetchDocument;
    readonly clock: Pick<Clock, 'now'>;
    readonly logger: Logger;
    readonly limit: RateLimiter;
  }) {
    this.#fetch = params.fetch;
    this.#clock = params.clock;
    this.#logger = params.logger;
    this.#limit = params.limit;
  }

  /** Whether the client signed `text` for one of the `audiences`, which are names of this server. */
  async read(
    text: string,
    {
      client,
      signing,
      audiences,
    }: { readonly client: Client; readonly signing: Signing; readonly audiences: string[] },
  ): Promise<ReadAssertion> {
    if (text.length > MAX_LENGTH) return { kind: 'refused' };
    const { jwtVerify } = await import('jose');
    const now = this.#clock.now();
    try {
      const { payload } = await jwtVerify(text, await this.#keysOf(signing), {
        algorithms: [...signing.algorithms],
        issuer: client.id,
        subject: client.id,
        audience: audiences,
        requiredClaims: ['exp', 'jti'],
        clockTolerance: TOLERANCE,
        currentDate: new Date(now),
      });
      const { jti: id = '', exp = 0 } = payload;
      const isShort = exp * 1_000 <= now + (MAX_LIFE_SECONDS + TOLERANCE) * 1_000;
      if (!isShort || typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH) return { kind: 'refused' };
      return { kind: 'signed', id, expiresAt: (exp + TOLERANCE) * 1_000 };
    } catch (error) {
      const isUnknown = error instanceof KeysUnavailable;
      this.#logger.info(
        { client: client.id, error: errorMessage(error) },
        'The assertion of a client was not accepted',
      );
      return { kind: isUnknown ? 'unknown' : 'refused' };
    }
  }

  async #keysOf({ keys }: Signing): Promise<JWTVerifyGetKey> {
    const { createLocalJWKSet, createRemoteJWKSet, customFetch } = await import('jose');
    if (!(keys instanceof URL)) return createLocalJWKSet(keys);
    const known = this.#fetched.get(keys.href);
    if (known !== undefined) return known;
    const send: FetchImplementation = (address) => this.#fetchKeys(new URL(address));
    const made = createRemoteJWKSet(keys, { [customFetch]: send });
    const [oldest] = this.#fetched.keys();
    if (oldest !== undefined && this.#fetched.size >= MAX_KEPT) this.#fetched.delete(oldest);
    this.#fetched.set(keys.href, made);
    return made;
  }

  async #fetchKeys(address: URL): Promise<Response> {
    if (!this.#limit.take(address.hostname).ok) throw new KeysUnavailable('its host was asked for keys too often');
    try {
      return new Response(await this.#fetch(address), { headers: { 'content-type': 'application/json' } });
    } catch (error) {
      throw new KeysUnavailable(`its keys cannot be fetched: ${errorMessage(error)}`);
    }
  }
}
