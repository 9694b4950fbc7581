import type { JSONWebKeySet } from 'jose';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';

/** How a client proves itself with a key of its own (`private_key_jwt`: RFC 7523). */
export interface Signing {
  /** False: it may also come as a public client. */
  readonly isRequired: boolean;
  /** Its public keys, or the address that they are at. */
  readonly keys: JSONWebKeySet | URL;
  readonly algorithms: readonly string[];
}

/** Those with a pair of keys: a shared secret would have to be shared first. */
export const SIGNING_ALGORITHMS: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ');

export type ReadSigning =
  | { readonly kind: 'public' }
  | { readonly kind: 'signing'; readonly signing: Signing }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * How the client of a document authenticates. A list of ways goes before the one that is preferred. Who allows no other
 * way than one that is not taken here is refused: whoever took it for a public client would let others speak for it.
 */
export function readSigning(json: JsonObject): ReadSigning {
  const listed = json['token_endpoint_auth_methods_supported'];
  const preferred = json['token_endpoint_auth_method'];
  const ways = Array.isArray(listed) && listed.length > 0 ? listed : [preferred ?? 'none'];
  const isRequired = !ways.includes('none');
  if (!ways.includes('private_key_jwt')) return isRequired ? refuseWay(ways[0]) : { kind: 'public' };
  const keys = readKeys(json);
  if (typeof keys !== 'string') {
    return { kind: 'signing', signing: { isRequired, keys, algorithms: readAlgorithms(json) } };
  }
  return isRequired ? { kind: 'refused', message: keys } : { kind: 'public' };
}

function refuseWay(way: Json | undefined): ReadSigning {
  const name = typeof way === 'string' ? way.slice(0, 50) : typeof way;
  const message = `The client insists on ${name} to authenticate; here that is "none" or "private_key_jwt".`;
  return { kind: 'refused', message };
}

/** A text says what is wrong. */
function readKeys(json: JsonObject): JSONWebKeySet | URL | string {
  const { jwks, jwks_uri: address } = json;
  if (jwks !== undefined && address !== undefined) return 'The client gives both "jwks" and "jwks_uri".';
  if (isJsonObject(jwks) && Array.isArray(jwks['keys']) && jwks['keys'].every(isJsonObject)) {
    return { keys: jwks['keys'] };
  }
  if (typeof address === 'string' && URL.canParse(address)) {
    const url = new URL(address);
    if (url.protocol === 'https:' && url.username === '' && url.password === '') return url;
  }
  return 'The client signs (private_key_jwt) and shows no keys: "jwks", or "jwks_uri" with an https address.';
}

function readAlgorithms(json: JsonObject): readonly string[] {
  const named = json['token_endpoint_auth_signing_alg'];
  return typeof named === 'string' ? SIGNING_ALGORITHMS.filter((each) => each === named) : SIGNING_ALGORITHMS;
}
