import type { FetchImplementation, JWTPayload, JWTVerifyGetKey } from 'jose';
import { errorMessage } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { OutboundFetch } from '../../core/ports/outbound.js';
import { SIGNING_ALGORITHMS } from '../oauth/signing.js';
import { findAccess, type AccessRule } from './access-rules.js';
import type { CompanyPerson, CompanySignIn } from './company-sign-in.js';

/** draft-ietf-oauth-identity-assertion-authz-grant, section 3: no other token of the provider is taken for one. */
const TYPE = 'oauth-id-jag+jwt';
/** How far the clocks of the provider and of this server may be apart, in seconds. */
const TOLERANCE = 60;
const MAX_AGE_SECONDS = 3_600;
const MAX_LENGTH = 16_384;

export interface IdentityAssertion {
  readonly person: CompanyPerson;
  /** Of the client that it was given to. */
  readonly clientId: string;
  /** By which a second use is known. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** As it says; null when it does not. */
  readonly scope: string | null;
  readonly resources: readonly string[];
}

/** What the identity provider of a company gives to clients that people are signed in to already (ID-JAG). */
export class IdentityAssertions {
  readonly #company: CompanySignIn;
  readonly #issuer: string;
  readonly #access: readonly AccessRule[];
  readonly #fetch: OutboundFetch;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logger: Logger;
  #keys: JWTVerifyGetKey | null = null;

  constructor(params: {
    readonly company: CompanySignIn;
    readonly issuer: string;
    readonly access: readonly AccessRule[];
    readonly fetch: OutboundFetch;
    readonly clock: Pick<Clock, 'now'>;
    readonly logger: Logger;
  }) {
    this.#company = params.company;
    this.#issuer = params.issuer;
    this.#access = params.access;
    this.#fetch = params.fetch;
    this.#clock = params.clock;
    this.#logger = params.logger;
  }

  /**
   * Null when it is not to be believed, or its person is nobody here. `audience` is this server. Throws `unavailable`
   * when the provider cannot be reached.
   */
  async verify(text: string, audience: string): Promise<IdentityAssertion | null> {
    if (text.length > MAX_LENGTH) return null;
    const { jwtVerify } = await import('jose');
    this.#keys ??= await this.#loadKeys();
    try {
      const { payload } = await jwtVerify(text, this.#keys, {
        typ: TYPE,
        algorithms: [...SIGNING_ALGORITHMS],
        issuer: this.#issuer,
        audience: [audience, `${audience}/`],
        requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'],
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: TOLERANCE,
        currentDate: new Date(this.#clock.now()),
      });
      return this.#read(payload);
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'An identity assertion was refused');
      return null;
    }
  }

  #read(payload: JWTPayload): IdentityAssertion | null {
    const { sub = '', jti = '', exp = 0, client_id: clientId, email, scope, resource } = payload;
    const access = findAccess(this.#access, payload);
    if (access === null || typeof clientId !== 'string') return null;
    const { organization, scopes } = access;
    const named: readonly unknown[] = Array.isArray(resource) ? resource : resource === undefined ? [] : [resource];
    return {
      person: { subject: typeof email === 'string' ? email : sub, organization, scopes },
      clientId,
      id: jti,
      expiresAt: (exp + TOLERANCE) * 1_000,
      scope: typeof scope === 'string' ? scope : null,
      resources: named.map(String),
    };
  }

  async #loadKeys(): Promise<JWTVerifyGetKey> {
    const { createRemoteJWKSet, customFetch } = await import('jose');
    const url = await this.#company.keysUrl();
    const send: FetchImplementation = (address, { headers, method, signal }) =>
      this.#fetch(address, { headers, method, signal, redirect: 'error' });
    return createRemoteJWKSet(url, { [customFetch]: send });
  }
}
