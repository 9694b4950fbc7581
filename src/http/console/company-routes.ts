import { createHmac, randomBytes } from 'node:crypto';
import { bindVisit } from '../../auth/oidc/bind-visit.js';
import type { Binding, CompanySignIn } from '../../auth/oidc/company-sign-in.js';
import { openText, sealText } from '../../auth/sealed-text.js';
import { ErrandError, isErrandError } from '../../core/errors.js';
import { cookieFields, hashCookie, newCookie, readCookie } from '../oauth/page/consent-form.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import { clientAddress } from '../pipeline/client-address.js';
import type { OAuthParts } from '../pipeline/oauth-parts.js';
import type { Routes } from '../pipeline/routes.js';
import type { Exchange, HeaderFields } from '../transport/exchange.js';
import { CONSOLE_PATH } from './paths.js';
import { sessionFields } from './session-cookie.js';
import type { ConsoleDeps } from './session-routes.js';

const BEGIN = `${CONSOLE_PATH}/session/company`;
/** Where the identity provider sends people back to: to be registered there. */
const CALLBACK = `${CONSOLE_PATH}/session/callback`;
/** Of one way to the provider and back. */
const VISIT_MS = 600_000;

/** What ties the way back to the browser that was sent there: it travels as the provider's `state`, sealed. */
interface Visit {
  /** SHA-256 of the cookie. */
  readonly browser: string;
  readonly nonce: string;
  readonly expiresAt: number;
}

interface CompanyDeps extends ConsoleDeps {
  readonly oauth: OAuthParts;
  readonly company: CompanySignIn;
}

/** Signing in to the console through the company's identity provider. */
export function addCompanyRoutes(routes: Routes, deps: ConsoleDeps): void {
  const { oauth } = deps;
  if (oauth === undefined || oauth.company === null) return;
  const parts: CompanyDeps = { ...deps, oauth, company: oauth.company };
  routes.add(BEGIN, { GET: (exchange) => beginVisit(exchange, parts) });
  routes.add(CALLBACK, { GET: (exchange) => endVisit(exchange, parts) });
}

async function beginVisit(exchange: Exchange, deps: CompanyDeps): Promise<void> {
  const base = baseUrl(exchange, deps.publicUrl);
  const { signIns, isTrustedProxy } = deps.console;
  if (!signIns.take(clientAddress(exchange, isTrustedProxy)).ok)
    return redirectToSignIn(exchange, base, 'rate_limited');
  const cookie = readCookie(exchange, base) ?? newCookie();
  const visit: Visit = {
    browser: hashCookie(cookie),
    nonce: randomBytes(16).toString('base64url'),
    expiresAt: deps.clock.now() + VISIT_MS,
  };
  try {
    const state = sealText(visit, visitKey(deps));
    const url = await deps.company.begin(bindingOf(state, base, deps));
    redirect(exchange, url.href, cookieFields(cookie, base));
  } catch (thrown) {
    redirectToSignIn(exchange, base, codeOf(thrown));
  }
}

async function endVisit(exchange: Exchange, deps: CompanyDeps): Promise<void> {
  const base = baseUrl(exchange, deps.publicUrl);
  try {
    const state = readState(exchange, base, deps);
    const callback = new URL(`${base}${CALLBACK}?${exchange.query}`);
    const person = await deps.company.finish(callback, bindingOf(state, base, deps));
    const principal = await deps.oauth.authorization.enterConsole(person);
    redirect(exchange, `${base}${CONSOLE_PATH}`, sessionFields(deps.console.sessions.beginForPerson(principal), base));
  } catch (thrown) {
    redirectToSignIn(exchange, base, codeOf(thrown));
  }
}

/** Throws `unauthenticated` for a way that did not begin in this browser, or has taken too long. */
function readState(exchange: Exchange, base: string, deps: CompanyDeps): string {
  const state = new URLSearchParams(exchange.query).get('state') ?? '';
  const visit = openText(state, visitKey(deps)) as Partial<Visit> | null;
  const cookie = readCookie(exchange, base);
  const isOurs =
    visit !== null &&
    (visit.expiresAt ?? 0) > deps.clock.now() &&
    cookie !== null &&
    hashCookie(cookie) === visit.browser;
  if (!isOurs) throw new ErrandError('unauthenticated', 'This sign-in has expired, or belongs to another browser.');
  return state;
}

function bindingOf(state: string, base: string, deps: CompanyDeps): Binding {
  return bindVisit(state, base + CALLBACK, visitKey(deps));
}

/** Another than that of the consent page: what is sealed for one is nothing for the other. */
function visitKey({ oauth }: CompanyDeps): Buffer {
  return createHmac('sha256', oauth.formKey()).update('visits of the console').digest();
}

const TOLD = ['forbidden', 'unauthenticated', 'unavailable'] as const;

function codeOf(thrown: unknown): string {
  const code = isErrandError(thrown) ? TOLD.find((known) => known === thrown.code) : undefined;
  if (code === undefined) throw thrown;
  return code;
}

/** The page has words for each of these codes. */
function redirectToSignIn(exchange: Exchange, base: string, code: string): void {
  redirect(exchange, `${base}${CONSOLE_PATH}?sign_in=${code}`);
}

function redirect(exchange: Exchange, location: string, more: HeaderFields = {}): void {
  const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...more };
  exchange.send(302, Object.entries(headers).flat(), '');
}
