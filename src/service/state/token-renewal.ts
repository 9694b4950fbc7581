import { errorMessage } from '../../core/errors.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { isJsonObject, type Json } from '../../core/json.js';
import type { Clock } from '../../core/ports/clock.js';
import type { OutboundFetch } from '../../core/ports/outbound.js';
import { MIN_SECRET_LENGTH } from '../../core/secrets/scrub.js';
import type { OAuthSecret } from '../../core/secrets/oauth-secret.js';
import { readBytes } from '../../core/text/read-bytes.js';

const MAX_ANSWER_BYTES = 100_000;
const TIMEOUT_MS = 20_000;
/** A token is renewed so long before it expires, or when a tenth of its life is left, if that is later. */
const RENEW_BEFORE_MS = 60_000;
/** Where a server does not say how long its token is good. */
const DEFAULT_LIFE_SECONDS = 300;
const MAX_KEPT = 1_000;

interface KeptToken {
  readonly token: string;
  readonly renewAt: number;
}

/** What a server gave, and the refresh token that it wants next; null where it wants the same. */
interface Given extends KeptToken {
  readonly next: string | null;
}

interface RenewParams {
  /** Where the secret is kept. */
  readonly place: string;
  /** Tells these credentials from those that are set later. */
  readonly of: string;
  readonly name: string;
  readonly credentials: OAuthSecret;
  /** Keeps the refresh token that came in place of the one that was used. */
  readonly rotate: (refreshToken: string) => Promise<void>;
}

/** Access tokens of OAuth 2, kept in memory until shortly before they expire. One renewal of each goes on at a time. */
export class TokenRenewal {
  readonly #fetch: OutboundFetch;
  readonly #clock: Clock;
  readonly #kept = new Map<string, KeptToken>();
  readonly #underWay = new Map<string, Promise<string>>();
  /** Given, and its refresh token could not be kept yet: what it came in place of may be good for nothing by now. */
  readonly #unkept = new Map<string, Given>();

  constructor({ fetch, clock }: { readonly fetch: OutboundFetch; readonly clock: Clock }) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** Throws a NodeFailure of kind `secret_unavailable`, which may be tried again unless the server refused for good. */
  token(params: RenewParams): Promise<string> {
    const key = keyOf(params);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.renewAt > this.#clock.now()) return Promise.resolve(kept.token);
    let renewal = this.#underWay.get(key);
    if (renewal === undefined) {
      renewal = this.#renew(params).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, renewal);
    }
    return renewal;
  }

  async #renew(params: RenewParams): Promise<string> {
    const key = keyOf(params);
    const unkept = this.#unkept.get(key);
    const given = unkept ?? (await this.#askNext(params));
    const { token, renewAt, next } = given;
    if (next !== null) {
      this.#unkept.set(key, given);
      await params.rotate(next);
      this.#unkept.delete(key);
    }
    // The next attempt asks with what is kept now.
    if (unkept !== undefined && renewAt <= this.#clock.now())
      throw failure(params.name, 'its token expired before it could be used', true);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(key, { token, renewAt });
    return token;
  }

  async #askNext({ name, credentials }: RenewParams): Promise<Given> {
    const askedAt = this.#clock.now();
    const answer = await this.#ask(name, credentials);
    const { access_token: token, expires_in: seconds, refresh_token: rotated } = answer;
    if (typeof token !== 'string' || token.length < MIN_SECRET_LENGTH)
      throw failure(name, `its token endpoint gave no access token of at least ${MIN_SECRET_LENGTH} characters`, false);
    const isNew = typeof rotated === 'string' && rotated !== '' && rotated !== credentials.refresh_token;
    const lifeMs = (typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_LIFE_SECONDS) * 1_000;
    const renewAt = askedAt + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 10);
    return { token, renewAt, next: isNew ? rotated : null };
  }

  async #ask(name: string, credentials: OAuthSecret): Promise<{ readonly [field: string]: Json }> {
    let response: Response;
    let body: Buffer | null;
    try {
      response = await this.#fetch(credentials.token_url, {
        ...requestOf(credentials),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      body = await readBytes(response, MAX_ANSWER_BYTES);
    } catch (error) {
      const isForGood = (error as { readonly retryable?: boolean }).retryable === false;
      throw failure(name, `its token endpoint could not be asked: ${errorMessage(error)}`, !isForGood);
    }
    const answer = parse(body);
    if (response.ok && answer !== null) return answer;
    const refusal = typeof answer?.['error'] === 'string' ? answer['error'].slice(0, 100) : null;
    const code = refusal === null ? '' : ` (${refusal})`;
    const isSpent = refusal === 'invalid_grant' && credentials.refresh_token !== undefined;
    const mayPass = response.ok || response.status >= 500 || response.status === 429;
    throw failure(
      name,
      `its token endpoint answered ${response.status}${code}${isSpent ? howToRenew(name) : ''}`,
      mayPass,
    );
  }
}

const keyOf = ({ place, of }: RenewParams): string => `${place} ${of}`;

function requestOf(credentials: OAuthSecret) {
  const { client_id: id, client_secret: secret, refresh_token: refreshToken, scope, audience } = credentials;
  const form = new URLSearchParams(
    refreshToken === undefined
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'refresh_token', refresh_token: refreshToken },
  );
  if (scope !== undefined) form.set('scope', scope);
  if (audience !== undefined) form.set('audience', audience);
  const headers: { [name: string]: string } = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  if (secret !== undefined && credentials.authentication !== 'body') {
    const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  } else {
    form.set('client_id', id);
    if (secret !== undefined) form.set('client_secret', secret);
  }
  // A redirect would carry the credentials to another place.
  return { method: 'POST', headers, body: form.toString(), redirect: 'error' } as const;
}

function parse(body: Buffer | null): { readonly [field: string]: Json } | null {
  try {
    const value = JSON.parse(body?.toString('utf8') ?? '') as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** No other refresh token is known: the one that is kept is the latest that came. */
const howToRenew = (name: string): string =>
  `. Its refresh token is used up, expired or revoked: sign in there again, and set the secret anew with what that gives (errand secrets set ${name} --kind oauth2_refresh_token)`;

function failure(name: string, why: string, retryable: boolean): NodeFailure {
  return new NodeFailure(`The secret ${name} could not be renewed: ${why}`, { kind: 'secret_unavailable', retryable });
}
