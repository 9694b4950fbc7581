import { hostOfRedirectUri, isLoopbackUri, matchesRedirectUri } from '../../../auth/oauth/redirect-uri.js';
import type { Client } from '../../../auth/oauth/client-metadata.js';
import { isErrandError } from '../../../core/errors.js';
import { baseUrl } from '../../pipeline/bearer-challenge.js';
import { isOwnPage } from '../../pipeline/own-page.js';
import type { Exchange, HeaderFields } from '../../transport/exchange.js';
import { clientAddress } from '../../pipeline/client-address.js';
import {
  CONSENT_MS,
  cookieFields,
  hashCookie,
  newCookie,
  openConsent,
  readCookie,
  type Consent,
} from './consent-form.js';
import { sendConsentPage, sendErrorPage } from './consent-page.js';
import { findClient } from './find-client.js';
import { toPage } from './to-page.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import type { OAuthErrorCode } from '../request/oauth-error.js';
import { Parameters, readForm, readScopes } from '../request/parameters.js';
import { OAUTH_PATHS } from '../request/paths.js';
import { readResources } from '../request/resources.js';

/** RFC 7636, section 4.2: base64url of SHA-256. */
const CHALLENGE = /^[\w-]{43}$/;

/** Shows the consent page. What is wrong is told to the client, unless it is not known where that is. */
export async function beginAuthorization(exchange: Exchange, deps: OAuthDeps): Promise<void> {
  const asked = new Parameters(exchange.query);
  if (asked.repeated !== null) return sendErrorPage(exchange, `"${asked.repeated.slice(0, 50)}" is there twice.`);
  const found = await findClient(asked.get('client_id'), { exchange, deps });
  if (found.kind === 'refused') return sendErrorPage(exchange, found.message, found.status, found.headers);
  const { client } = found;
  const redirectUri = readRedirectUri(client, asked.get('redirect_uri'));
  if (redirectUri === null) {
    const message = `${client.name} asks to send you back to an address that it has not registered. Nothing was allowed.`;
    return sendErrorPage(exchange, message);
  }
  const base = baseUrl(exchange, deps.publicUrl);
  const state = asked.get('state');
  const read = readRequest(asked, base);
  if ('error' in read) return redirect(exchange, { redirectUri, state, base }, read, 302);
  const cookie = readCookie(exchange, base) ?? newCookie();
  const consent: Consent = {
    ...read,
    clientId: client.id,
    clientName: client.name,
    clientHost: hostOfRedirectUri(redirectUri),
    clientSigns: client.signing?.isRequired === true,
    isNative: isLoopbackUri(redirectUri),
    namesResource: asked.all('resource').length > 0,
    redirectUri,
    state,
    signIn: null,
    visit: '',
    browser: hashCookie(cookie),
    expiresAt: deps.clock.now() + CONSENT_MS,
  };
  sendConsentPage(exchange, toPage(consent, base, deps, { headers: cookieFields(cookie, base) }));
}

/** What was registered; when it is one address, it need not be named. */
function readRedirectUri({ redirectUris }: Client, asked: string | null): string | null {
  if (asked === null) return redirectUris.length === 1 ? (redirectUris[0] ?? null) : null;
  return redirectUris.some((registered) => matchesRedirectUri(registered, asked)) ? asked : null;
}

interface Refusal {
  readonly error: OAuthErrorCode;
  readonly message: string;
}

function readRequest(asked: Parameters, base: string): Pick<Consent, 'challenge' | 'scopes' | 'resources'> | Refusal {
  if (asked.get('request') !== null)
    return { error: 'request_not_supported', message: 'No request objects are taken.' };
  if (asked.get('request_uri') !== null)
    return { error: 'request_uri_not_supported', message: 'No request_uri is taken.' };
  if (asked.get('response_type') !== 'code')
    return { error: 'unsupported_response_type', message: 'It must be "code".' };
  if ((asked.get('response_mode') ?? 'query') !== 'query') {
    return { error: 'invalid_request', message: 'The response_mode must be "query".' };
  }
  const challenge = asked.get('code_challenge') ?? '';
  if (!CHALLENGE.test(challenge) || asked.get('code_challenge_method') !== 'S256') {
    return { error: 'invalid_request', message: 'PKCE is needed: a code_challenge of the method S256.' };
  }
  if ((asked.get('prompt') ?? '').split(' ').includes('none')) {
    return { error: 'login_required', message: 'Somebody must sign in.' };
  }
  const resources = readResources(asked.all('resource'), base);
  if (resources === null) return { error: 'invalid_target', message: 'This server has no such resource.' };
  return { challenge, scopes: readScopes(asked.get('scope')), resources };
}

/** Takes the forms of the consent page, and no others. */
export async function answerConsent(exchange: Exchange, deps: OAuthDeps): Promise<void> {
  const base = baseUrl(exchange, deps.publicUrl);
  if (!isOwnPage(exchange, base)) return sendErrorPage(exchange, 'This form was sent by another page.', 403);
  const form = await readForm(exchange);
  const cookie = readCookie(exchange, base);
  const key = deps.oauth.formKey();
  const consent = openConsent(form.get('request') ?? '', { key, cookie, now: deps.clock.now() });
  if (consent === null) {
    const message =
      'This page has expired, or belongs to another browser. Start again in the program that you want to connect.';
    return sendErrorPage(exchange, message, 403);
  }
  const decision = form.get('decision');
  if (decision === 'deny') {
    return redirect(exchange, { ...consent, base }, { error: 'access_denied', message: 'The person said no.' });
  }
  const { signIn } = consent;
  if (signIn !== null && decision === 'allow') return allow(exchange, { ...consent, signIn }, deps);
  return signInWithKey(exchange, { consent, key: form.get('key') ?? '' }, deps);
}

async function signInWithKey(
  exchange: Exchange,
  { consent, key }: { readonly consent: Consent; readonly key: string },
  deps: OAuthDeps,
): Promise<void> {
  const { limits, isTrustedProxy, authorization } = deps.oauth;
  const base = baseUrl(exchange, deps.publicUrl);
  const taken = limits.signIns.take(clientAddress(exchange, isTrustedProxy));
  if (!taken.ok) return sendErrorPage(exchange, `Too many attempts. Try again in ${taken.retryAfterSeconds} s.`, 429);
  try {
    const caller = await deps.authenticate(`Bearer ${key.trim()}`, OAUTH_PATHS.authorize);
    const signedIn = await authorization.describeSignIn(caller);
    sendConsentPage(exchange, toPage({ ...consent, signIn: signedIn.signIn }, base, deps, { signedIn }));
  } catch (thrown) {
    if (!isErrandError(thrown) || (thrown.code !== 'unauthenticated' && thrown.code !== 'forbidden')) throw thrown;
    const error = thrown.code === 'forbidden' ? thrown.message : 'This is no valid API key.';
    sendConsentPage(exchange, toPage(consent, base, deps, { error }), 403);
  }
}

type SignedConsent = Consent & { readonly signIn: NonNullable<Consent['signIn']> };

async function allow(exchange: Exchange, consent: SignedConsent, deps: OAuthDeps): Promise<void> {
  const base = baseUrl(exchange, deps.publicUrl);
  try {
    const { code } = await deps.oauth.authorization.approve(consent.signIn, consent);
    redirect(exchange, { ...consent, base }, { code });
  } catch (thrown) {
    if (!isErrandError(thrown) || (thrown.code !== 'unauthenticated' && thrown.code !== 'forbidden')) throw thrown;
    sendConsentPage(exchange, toPage({ ...consent, signIn: null }, base, deps, { error: thrown.message }), 403);
  }
}

/** With who answers (RFC 9207), so that a client that talks to several servers mixes none up. */
function redirect(
  exchange: Exchange,
  { redirectUri, state, base }: { readonly redirectUri: string; readonly state: string | null; readonly base: string },
  answer: { readonly code: string } | Refusal,
  status: 302 | 303 = 303,
): void {
  const fields = 'code' in answer ? { code: answer.code } : { error: answer.error, error_description: answer.message };
  const query = new URLSearchParams({ ...fields, ...(state === null ? {} : { state }), iss: base });
  const headers: HeaderFields = {
    location: `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  };
  exchange.send(status, Object.entries(headers).flat(), '');
}
