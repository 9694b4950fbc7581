const MAX_LENGTH = 2_000;
/** What browsers run or open in place of handing it to an app. */
const UNSAFE_SCHEMES: ReadonlySet<string> = new Set([
  'about:',
  'blob:',
  'data:',
  'file:',
  'filesystem:',
  'ftp:',
  'javascript:',
  'mailto:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
]);

/** What is wrong with an address that a client wants people sent back to; null when it will do. */
export function faultOfRedirectUri(text: string): string | null {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (!/^[\x21-\x7e]+$/.test(text) || text.includes('*') || text.includes('\\'))
    return 'has characters that no address has';
  if (!URL.canParse(text)) return 'is no absolute URI';
  const url = new URL(text);
  if (text.includes('#')) return 'has a fragment';
  if (url.username !== '' || url.password !== '') return 'has a user name or password';
  if (url.protocol === 'https:') return null;
  if (url.protocol === 'http:')
    return isLoopbackHost(url.hostname) ? null : 'is http, which is for loopback addresses only';
  if (UNSAFE_SCHEMES.has(url.protocol)) return `has the scheme ${url.protocol} which no app can claim`;
  return null;
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether the code goes to a program on the computer of the person who signs in. */
export function isLoopbackUri(text: string): boolean {
  const url = new URL(text);
  return url.protocol === 'http:' && isLoopbackHost(url.hostname);
}

/**
 * Whether a client that gave `registered` may have people sent to `asked`: the same text, or the same loopback address
 * on any port (RFC 8252, section
 * 7.3). Hosts register `localhost` without a port as well as addresses.
 */
export function matchesRedirectUri(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  if (faultOfRedirectUri(asked) !== null || !isLoopbackUri(asked) || !isLoopbackUri(registered)) return false;
  return withoutPort(registered) === withoutPort(asked);
}

function withoutPort(text: string): string {
  const url = new URL(text);
  url.port = '';
  return url.href;
}

/** Whom the code goes to, for people: a host name, or the scheme of an app. */
export function hostOfRedirectUri(text: string): string {
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.hostname : `${url.protocol}//`;
}
