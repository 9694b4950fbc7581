import type { Exchange } from '../transport/exchange.js';

/** The value of a cookie that has the given form; null when there is none. */
export function findCookie(exchange: Exchange, wanted: string, form: RegExp): string | null {
  for (const pair of (exchange.header('cookie') ?? '').split(';')) {
    const [name, value = ''] = pair.trim().split('=');
    if (name === wanted && form.test(value)) return value;
  }
  return null;
}
