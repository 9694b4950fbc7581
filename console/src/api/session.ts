import type { ApiError } from '@api/api-types.js';
import { ErrandError } from '@core/errors.js';
import type { Scope } from '@core/tenant/principal.js';
import { consoleUrl, PAGE_HEADERS } from './client.js';

export interface Session {
  readonly organization: { readonly slug: string; readonly name: string };
  /** Null for a person whom the identity provider of a company signed in. */
  readonly key: { readonly name: string; readonly hint: string } | null;
  readonly person: string | null;
  /** Of a person: what their scopes include is less. */
  readonly isGrant?: true;
  readonly scopes: readonly Scope[];
  readonly expires_at: string;
  readonly version: string;
}

/** Null when nobody is signed in. */
export async function readSession(): Promise<Session | null> {
  const session = (await checked(await ask('GET'))) as Session | null;
  return session === null ? null : marked(session);
}

export async function signIn(given: { readonly key: string } | { readonly link: string }): Promise<Session> {
  return marked((await checked(await ask('POST', given))) as Session);
}

function marked(session: Session): Session {
  return session.person === null ? session : { ...session, isGrant: true };
}

export async function signOut(): Promise<void> {
  await ask('DELETE');
}

function ask(method: string, body?: object): Promise<Response> {
  return fetch(`${consoleUrl}/session`, {
    method,
    headers: { ...PAGE_HEADERS, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function checked(response: Response): Promise<unknown> {
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { error } = answer as ApiError;
  throw new ErrandError(error.code, error.message);
}
