import type { GrantDeps } from './deps.js';

/** RFC 7009: to revoke a token that there is not is no error. With one token, the whole grant ends. */
export async function revokeToken(
  { store, tokens, clock, keyWatch }: GrantDeps,
  { token, clientId }: { readonly token: string; readonly clientId: string },
): Promise<void> {
  const found = await store.oauth.findToken({ hash: tokens.hashToken(token) });
  if (found === null || found.clientId !== clientId) return;
  const { organizationId, grantId: id } = found;
  await store.grants.revoke({ organizationId, id, at: clock.now() });
  keyWatch.revoke(id);
}
