import { ErrandError } from '../../core/errors.js';
import type { OAuthClient } from '../../core/tenant/grant.js';
import type { GrantDeps } from './deps.js';
import { LIFETIMES } from './lifetimes.js';

/** Bounds what a flood of registrations can leave behind. */
const MAX_CLIENTS = 10_000;
const RETRY_AFTER_SECONDS = 600;

/** It goes again in a day unless somebody signs in with it. */
export async function registerClient(
  { store, clock, newId }: GrantDeps,
  { name, redirectUris }: Pick<OAuthClient, 'name' | 'redirectUris'>,
): Promise<OAuthClient> {
  if ((await store.oauth.countClients()) >= MAX_CLIENTS) {
    const message = `${MAX_CLIENTS} clients have registered here, and no more are kept. Unused ones go within a day.`;
    throw new ErrandError('unavailable', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  const createdAt = clock.now();
  const client = { id: newId(), name, redirectUris, createdAt, expiresAt: createdAt + LIFETIMES.unusedClient };
  await store.oauth.insertClient(client);
  return client;
}
