import type { Exchange } from '../../transport/exchange.js';

/**
 * What stands in a header of HTTP's basic authentication, each part encoded as in a form (RFC 6749, section 2.3.1);
 * null when there is none.
 */
export function readBasic(exchange: Exchange): { readonly id: string; readonly secret: string } | null {
  const encoded = /^basic +([\w+/]+={0,2})$/i.exec(exchange.header('authorization') ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return null;
  return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
}

function decode(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}
