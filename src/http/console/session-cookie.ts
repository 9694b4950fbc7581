import { MAX_SESSION_MS } from '../../auth/console/console-sessions.js';
import { findCookie } from '../pipeline/find-cookie.js';
import type { Exchange, HeaderFields } from '../transport/exchange.js';

const SEALED = /^[\w-]{1,1000}\.[\w-]{43}$/;

/**
 * `__Host-`: no other host below the same domain can set it. Over plain http there is no such cookie. Browsers tell
 * apart hosts but no ports: the port in the name does, so that two servers on one machine can be signed in to.
 */
function cookieName(base: string): string {
  const { protocol, port } = new URL(base);
  const name = port === '' ? 'errand-console' : `errand-console-${port}`;
  return protocol === 'https:' ? `__Host-${name}` : name;
}

export function readSessionCookie(exchange: Exchange, base: string): string | null {
  return findCookie(exchange, cookieName(base), SEALED);
}

/** Strict: no other site's link or form comes with it. */
export function sessionFields(sealed: string, base: string): HeaderFields {
  return cookieFields(`${cookieName(base)}=${sealed}; Max-Age=${Math.floor(MAX_SESSION_MS / 1_000)}`, base);
}

export function endedSessionFields(base: string): HeaderFields {
  return cookieFields(`${cookieName(base)}=; Max-Age=0`, base);
}

function cookieFields(start: string, base: string): HeaderFields {
  const secure = base.startsWith('https:') ? '; Secure' : '';
  return { 'set-cookie': `${start}; Path=/; HttpOnly; SameSite=Strict${secure}` };
}
