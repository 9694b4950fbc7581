import { isDocumentId } from '../../../auth/oauth/client-documents.js';
import type { Client } from '../../../auth/oauth/client-metadata.js';
import type { Exchange, HeaderFields } from '../../transport/exchange.js';
import { clientAddress } from '../../pipeline/client-address.js';
import type { OAuthDeps } from '../request/oauth-deps.js';

type Found =
  | { readonly kind: 'client'; readonly client: Client }
  | { readonly kind: 'refused'; readonly message: string; readonly status: number; readonly headers: HeaderFields };

/** One that the settings name, one that registered itself, or one whose id is the address of a document about it. */
export async function findClient(
  id: string | null,
  { exchange, deps }: { readonly exchange: Exchange; readonly deps: OAuthDeps },
): Promise<Found> {
  const { authorization, documents, known, isTrustedProxy } = deps.oauth;
  if (id === null) return refusalPage('The client_id is missing.');
  const named = known.get(id);
  if (named !== undefined) return { kind: 'client', client: { ...named, name: id, signing: null, source: 'settings' } };
  if (!isDocumentId(id)) {
    const client = await authorization.getClient({ id });
    if (client !== null) return { kind: 'client', client: { ...client, signing: null, source: 'registration' } };
    return refusalPage(
      'This client is not known here, or no more: it registered long ago. Remove this server from the program that you want to connect, and add it again.',
    );
  }
  const found = await documents.find(id, clientAddress(exchange, isTrustedProxy));
  if (found.kind === 'client') return found;
  if (found.kind === 'refused') return refusalPage(found.message);
  const { retryAfterSeconds } = found;
  const headers = { 'retry-after': String(retryAfterSeconds) };
  return refusalPage(`Too many clients are looked up. Try again in ${retryAfterSeconds} s.`, 429, headers);
}

function refusalPage(message: string, status = 400, headers: HeaderFields = {}): Found {
  return { kind: 'refused', message, status, headers };
}
