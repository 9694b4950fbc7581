import { isIPv6 } from 'node:net';
import type { Exchange } from '../transport/exchange.js';

const MAX_FORWARDED = 20;

/**
 * Whom requests are counted for: the address of who connected, or, behind proxies that are trusted, the last address
 * that no trusted proxy has. Addresses of IPv6 count by network, as one subscriber has a whole /64.
 */
export function clientAddress(exchange: Exchange, isTrustedProxy: (address: string) => boolean): string {
  const address = addressOf(exchange, isTrustedProxy);
  return isIPv6(address) ? networkOf(address) : address;
}

/** Where the request came from, whole. */
export function addressOf(exchange: Exchange, isTrustedProxy: (address: string) => boolean): string {
  let address = plainAddress(exchange.peerAddress ?? '');
  const header = exchange.header('x-forwarded-for');
  if (header === undefined) return address;
  const forwarded = header.split(',').slice(-MAX_FORWARDED);
  while (forwarded.length > 0 && isTrustedProxy(address)) {
    const before = plainAddress(forwarded.pop()?.trim() ?? '');
    if (before === '') break;
    address = before;
  }
  return address;
}

/** Without brackets, port and zone; an IPv4 address in IPv6 form as IPv4. */
function plainAddress(text: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(text)?.[1] ?? text;
  const withoutPort = /^\d+(?:\.\d+){3}:\d+$/.test(bracketed) ? bracketed.replace(/:\d+$/, '') : bracketed;
  return withoutPort.replace(/%.*$/, '').replace(/^::ffff:(?=\d+(?:\.\d+){3}$)/i, '');
}

/** The first four groups. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
