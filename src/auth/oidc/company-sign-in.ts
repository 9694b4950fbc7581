import type { Configuration, CustomFetch } from 'openid-client';
import { ErrandError, errorMessage } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { OutboundFetch, OutboundInit } from '../../core/ports/outbound.js';
import type { Scope } from '../../core/tenant/principal.js';
import { findAccess, type AccessRule } from './access-rules.js';

export interface CompanySettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The first that fits decides. */
  readonly access: readonly AccessRule[];
}

/** What ties an answer of the identity provider to the question. */
export interface Binding {
  readonly redirectUri: string;
  readonly state: string;
  readonly verifier: string;
  readonly challenge: string;
  readonly nonce: string;
}

/** Somebody whom the identity provider vouches for. */
export interface CompanyPerson {
  /** For people. */
  readonly subject: string;
  /** The slug of their organization. */
  readonly organization: string;
  /** What they can grant. */
  readonly scopes: readonly Scope[];
}

type OutboundBody = NonNullable<OutboundInit['body']> | null;

const SCOPE = 'openid email profile';
/** What is known of the provider is looked up again after this. */
const KEEP_MS = 3_600_000;

/** Sign-in through the identity provider of a company, by OpenID Connect. */
export class CompanySignIn {
  readonly #settings: CompanySettings;
  readonly #fetch: OutboundFetch;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logger: Logger;
  #known: { readonly provider: Promise<Configuration>; readonly at: number } | null = null;

  constructor(params: {
    readonly settings: CompanySettings;
    readonly fetch: OutboundFetch;
    readonly clock: Pick<Clock, 'now'>;
    readonly logger: Logger;
  }) {
    this.#settings = params.settings;
    this.#fetch = params.fetch;
    this.#clock = params.clock;
    this.#logger = params.logger;
  }

  /** What it is called on the page. */
  get name(): string {
    return new URL(this.#settings.issuer).host;
  }

  /** Where a person is sent to. Throws `unavailable` when the provider cannot be reached. */
  async begin({ redirectUri, state, challenge, nonce }: Binding): Promise<URL> {
    const { buildAuthorizationUrl } = await import('openid-client');
    return buildAuthorizationUrl(await this.#provider(), {
      redirect_uri: redirectUri,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
  }

  /**
   * Who has come back to `callback`. Throws `forbidden` for who is nobody here, and `unauthenticated` for an answer
   * that is not to be believed.
   */
  async finish(callback: URL, { state, verifier, nonce }: Binding): Promise<CompanyPerson> {
    const { authorizationCodeGrant } = await import('openid-client');
    const provider = await this.#provider();
    const answer = await authorizationCodeGrant(provider, callback, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    }).catch((error: unknown) => {
      this.#logger.warn({ error: errorMessage(error) }, 'A sign-in through the identity provider was refused');
      throw new ErrandError('unauthenticated', `The answer of ${this.name} cannot be accepted. Start again.`);
    });
    const claims = answer.claims() ?? {};
    const access = findAccess(this.#settings.access, claims);
    if (access === null) {
      throw new ErrandError('forbidden', `${this.name} knows you, but no rule of this server gives you access to it.`);
    }
    const { organization, scopes } = access;
    return { subject: subjectOf(claims), organization, scopes };
  }

  /** Where the keys are that the provider signs with. Throws `unavailable` when it cannot be reached. */
  async keysUrl(): Promise<URL> {
    const { jwks_uri: url } = (await this.#provider()).serverMetadata();
    if (url === undefined) throw new ErrandError('unavailable', `${this.name} does not say where its keys are.`);
    return new URL(url);
  }

  async #provider(): Promise<Configuration> {
    const now = this.#clock.now();
    if (this.#known === null || now - this.#known.at > KEEP_MS) {
      this.#known = { provider: this.#discover(), at: now };
    }
    try {
      return await this.#known.provider;
    } catch (error) {
      this.#known = null;
      this.#logger.warn({ error: errorMessage(error) }, 'The identity provider cannot be reached');
      throw new ErrandError('unavailable', `${this.name} cannot be reached. Try again later.`);
    }
  }

  async #discover(): Promise<Configuration> {
    const { allowInsecureRequests, customFetch, discovery } = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    const send: CustomFetch = (address, { method, headers, body = null, signal = null }) =>
      this.#fetch(address, { method, headers, body: body as OutboundBody, signal, redirect: 'error' });
    const execute = url.protocol === 'http:' ? [allowInsecureRequests] : [];
    return discovery(url, clientId, clientSecret, undefined, { [customFetch]: send, execute });
  }
}

function subjectOf(claims: { readonly sub?: string; readonly email?: unknown }): string {
  return typeof claims.email === 'string' ? claims.email : (claims.sub ?? '');
}
