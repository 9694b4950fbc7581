import { createHash, randomBytes } from 'node:crypto';
import { openText, sealText } from '../../../auth/sealed-text.js';
import type { AskedGrant, SignIn } from '../../../service/interface/authorization.js';
import { findCookie } from '../../pipeline/find-cookie.js';
import type { Exchange, HeaderFields } from '../../transport/exchange.js';

/**
 * What a person is asked, as it travels in the forms of the consent page: signed, and bound to a cookie of the browser
 * that was asked.
 */
export interface Consent extends AskedGrant {
  /** Of the client, to be given back. */
  readonly state: string | null;
  readonly isNative: boolean;
  /** Whether the client named an address that it is for. */
  readonly namesResource: boolean;
  /** Set once somebody has signed in. */
  readonly signIn: SignIn | null;
  /** Of one way to the company's identity provider and back; empty before. */
  readonly visit: string;
  /** SHA-256 of the cookie. */
  readonly browser: string;
  readonly expiresAt: number;
}

export const CONSENT_MS = 600_000;

export function sealConsent(consent: Consent, key: Buffer): string {
  return sealText(consent, key);
}

/** Null when it was not made here, has expired, or was made for another browser. */
export function openConsent(
  sealed: string,
  params: { readonly key: Buffer; readonly cookie: string | null; readonly now: number },
): Consent | null {
  const consent = openText(sealed, params.key) as Consent | null;
  const isOpen = consent !== null && consent.expiresAt > params.now && params.cookie !== null;
  return isOpen && hashCookie(params.cookie) === consent.browser ? consent : null;
}

/** `__Host-`: no other host below the same domain can set it. Over plain http there is no such cookie. */
const SECURE_NAME = '__Host-errand-sign-in';
const PLAIN_NAME = 'errand-sign-in';
const COOKIE = /^[\w-]{43}$/;

/** Of the name that this server gives it at this address: others could come from a neighbour's host. */
export function readCookie(exchange: Exchange, base: string): string | null {
  return findCookie(exchange, cookieName(base), COOKIE);
}

function cookieName(base: string): string {
  return base.startsWith('https:') ? SECURE_NAME : PLAIN_NAME;
}

/**
 * Lax: the way back from an identity provider is one of another site. Forms of other sites come without it all the
 * same.
 */
export function newCookie(): string {
  return randomBytes(32).toString('base64url');
}

export function hashCookie(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

export function cookieFields(cookie: string, base: string): HeaderFields {
  const secure = base.startsWith('https:') ? '; Secure' : '';
  const maxAge = Math.floor(CONSENT_MS / 1_000);
  return {
    'set-cookie': `${cookieName(base)}=${cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`,
  };
}
