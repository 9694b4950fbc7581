import { faultOfRedirectUri } from './redirect-uri.js';

/** A client that whoever runs the server has named: for hosts that can neither register nor show a document. */
export interface KnownClient {
  readonly id: string;
  readonly redirectUris: readonly string[];
}

const ID = /^[\w.-]{1,100}$/;

/** Of `copilot=https://host.example/callback https://other.example/callback`; null when it is none. */
export function parseKnownClient(text: string): KnownClient | null {
  const at = text.indexOf('=');
  const id = text.slice(0, Math.max(at, 0)).trim();
  const redirectUris = text
    .slice(at + 1)
    .split(' ')
    .filter((uri) => uri !== '');
  const isClient =
    ID.test(id) && redirectUris.length > 0 && redirectUris.every((uri) => faultOfRedirectUri(uri) === null);
  return isClient ? { id, redirectUris } : null;
}
