import type { Exchange } from '../transport/exchange.js';

/**
 * Whether a page of this server sent the request, as far as the browser says: newer ones by `Sec-Fetch-Site`, the
 * older ones by `Origin` alone. What is no browser says neither.
 */
export function isOwnPage(exchange: Exchange, base: string): boolean {
  const site = exchange.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return false;
  const origin = exchange.header('origin');
  if (origin === undefined) return true;
  const host = exchange.header('host');
  return origin === new URL(base).origin || origin === `http://${host}` || origin === `https://${host}`;
}
