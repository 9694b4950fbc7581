import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { cutText } from '../../core/text/cut-text.js';
import { faultOfRedirectUri, isLoopbackUri } from './redirect-uri.js';
import type { Signing } from './signing.js';

/** What the authorization server knows of a client. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** Null for one that is public and nothing else. */
  readonly signing: Signing | null;
  /**
   * Where what is known of it comes from: the server's settings, its own registration, or a document at the address
   * that is its id.
   */
  readonly source: 'settings' | 'registration' | 'document';
}

const MAX_REDIRECT_URIS = 20;
const MAX_NAME_LENGTH = 80;
const MAX_GIVEN_NAME_LENGTH = 1_000;

export type ReadMetadata =
  | { readonly kind: 'metadata'; readonly name: string; readonly redirectUris: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata';
      readonly message: string;
    };

/**
 * What counts of the metadata of RFC 7591, from a registration or a document: its name and where it has people sent
 * back to. What else is there is for other servers: unknown grants, kinds of applications, ways to authenticate.
 * `fallbackName` stands for a client that gives no name.
 */
export function readClientMetadata(json: Json, fallbackName: string): ReadMetadata {
  if (!isJsonObject(json))
    return refusedMetadata('invalid_client_metadata', 'The metadata of a client is a JSON object.');
  const uris = json['redirect_uris'];
  if (!Array.isArray(uris) || uris.length === 0) {
    return refusedMetadata(
      'invalid_redirect_uri',
      '"redirect_uris" must list the addresses that people are sent back to.',
    );
  }
  if (uris.length > MAX_REDIRECT_URIS) {
    return refusedMetadata('invalid_redirect_uri', `"redirect_uris" holds at most ${MAX_REDIRECT_URIS} addresses.`);
  }
  const redirectUris: string[] = [];
  for (const uri of uris) {
    const fault = typeof uri === 'string' ? faultOfRedirectUri(uri) : 'is no text';
    if (fault !== null) return refusedMetadata('invalid_redirect_uri', `A redirect URI ${fault}: ${tell(uri)}.`);
    redirectUris.push(String(uri));
  }
  return { kind: 'metadata', name: readName(json) ?? fallbackName, redirectUris: [...new Set(redirectUris)] };
}

/** One line, without what turns the direction of writing: it stands on the page where people decide. */
function readName(json: JsonObject): string | null {
  const name = json['client_name'];
  if (typeof name !== 'string') return null;
  const plain = name
    .slice(0, MAX_GIVEN_NAME_LENGTH)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain === '' ? null : cutText(plain, MAX_NAME_LENGTH);
}

/**
 * Whether its codes go to the computer of the person who signs in alone: it is a native client then, whether it says so
 * or not.
 */
export function isNative({ redirectUris }: Pick<Client, 'redirectUris'>): boolean {
  return redirectUris.every(isLoopbackUri);
}

function tell(uri: Json): string {
  return JSON.stringify(typeof uri === 'string' ? uri.slice(0, 200) : typeof uri);
}

function refusedMetadata(error: Extract<ReadMetadata, { kind: 'refused' }>['error'], message: string): ReadMetadata {
  return { kind: 'refused', error, message };
}
