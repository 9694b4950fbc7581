import { randomBytes } from 'node:crypto';
import { bindVisit } from '../../../auth/oidc/bind-visit.js';
import type { Binding } from '../../../auth/oidc/company-sign-in.js';
import { isErrandError } from '../../../core/errors.js';
import { baseUrl } from '../../pipeline/bearer-challenge.js';
import type { Exchange } from '../../transport/exchange.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import { Parameters } from '../request/parameters.js';
import { OAUTH_PATHS } from '../request/paths.js';
import { openConsent, readCookie, sealConsent, type Consent } from './consent-form.js';
import { sendConsentPage, sendErrorPage } from './consent-page.js';
import { toPage } from './to-page.js';

const EXPIRED =
  'This page has expired, or belongs to another browser. Start again in the program that you want to connect.';

/** Sends a person from the consent page to the company's identity provider. */
export async function beginCompanySignIn(exchange: Exchange, deps: OAuthDeps): Promise<void> {
  const { company } = deps.oauth;
  const consent = readConsent(exchange, new Parameters(exchange.query).get('request'), deps);
  if (company === null || consent === null) return sendErrorPage(exchange, EXPIRED, 403);
  const state = sealConsent({ ...consent, visit: randomBytes(16).toString('base64url') }, deps.oauth.formKey());
  const url = await company.begin(bindingOf(exchange, state, deps));
  const headers = { location: url.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  exchange.send(302, Object.entries(headers).flat(), '');
}

/** Takes a person who comes back from there, and asks for their consent. */
export async function endCompanySignIn(exchange: Exchange, deps: OAuthDeps): Promise<void> {
  const { company, authorization } = deps.oauth;
  const state = new Parameters(exchange.query).get('state');
  const consent = readConsent(exchange, state, deps);
  if (company === null || state === null || consent === null || consent.visit === '') {
    return sendErrorPage(exchange, EXPIRED, 403);
  }
  const base = baseUrl(exchange, deps.publicUrl);
  try {
    const callback = new URL(`${base}${OAUTH_PATHS.callback}?${exchange.query}`);
    const signedIn = await authorization.describePerson(
      await company.finish(callback, bindingOf(exchange, state, deps)),
    );
    sendConsentPage(exchange, toPage({ ...consent, signIn: signedIn.signIn }, base, deps, { signedIn }));
  } catch (thrown) {
    if (!isErrandError(thrown) || (thrown.code !== 'unauthenticated' && thrown.code !== 'forbidden')) throw thrown;
    sendErrorPage(exchange, thrown.message, 403);
  }
}

function readConsent(
  exchange: Exchange,
  sealed: string | null,
  { oauth, clock, publicUrl }: OAuthDeps,
): Consent | null {
  const cookie = readCookie(exchange, baseUrl(exchange, publicUrl));
  return openConsent(sealed ?? '', { key: oauth.formKey(), cookie, now: clock.now() });
}

function bindingOf(exchange: Exchange, state: string, { publicUrl, oauth }: OAuthDeps): Binding {
  return bindVisit(state, baseUrl(exchange, publicUrl) + OAUTH_PATHS.callback, oauth.formKey());
}
