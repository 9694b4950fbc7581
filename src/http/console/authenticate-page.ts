import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import type { ConsoleParts } from '../pipeline/console-parts.js';
import { isOwnPage } from '../pipeline/own-page.js';
import type { Exchange } from '../transport/exchange.js';
import { readSessionCookie, sessionFields } from './session-cookie.js';

/** On every request of the console's page. A form cannot send it, nor another site's page without leave. */
export const PAGE_HEADER = 'x-errand-console';

/** Refuses what another site may have made a browser send. */
export function requireOwnPage(exchange: Exchange, base: string): void {
  if (exchange.header(PAGE_HEADER) === '1' && isOwnPage(exchange, base)) return;
  throw new ErrandError('forbidden', `Only the console itself may ask for ${exchange.path}.`);
}

/** Who is signed in, in place of a key. Throws `unauthenticated` when nobody is. */
export async function authenticatePage(
  exchange: Exchange,
  { sessions }: ConsoleParts,
  publicUrl: string | null,
): Promise<Principal> {
  const base = baseUrl(exchange, publicUrl);
  requireOwnPage(exchange, base);
  const { principal, renewed } = await sessions.check(readSessionCookie(exchange, base));
  if (renewed !== null) exchange.addFields(sessionFields(renewed, base));
  return principal;
}
