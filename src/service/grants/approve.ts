import { ErrandError } from '../../core/errors.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { AskedGrant, SignIn } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { atMost, LIFETIMES } from './lifetimes.js';
import { ended, findValidKey, grantableBy, subjectOf } from './sign-in.js';

/** Gives no more than the key has. The grant begins when the code is exchanged. */
export async function approve(
  { store, tokens, clock, newId }: GrantDeps,
  { organizationId, keyId }: SignIn,
  asked: AskedGrant,
): Promise<{ readonly code: string }> {
  const at = clock.now();
  const key = await findValidKey(store, { organizationId, keyId }, at);
  if (key === null) throw ended();
  const scopes = grantableBy(key).filter((scope) => asked.scopes.includes(scope));
  if (scopes.length === 0) throw new ErrandError('forbidden', 'This key has none of the scopes that are asked for.');
  const { clientId, clientName, clientHost, redirectUri, challenge, resources } = asked;
  const grant: Grant = {
    id: newId(),
    organizationId,
    keyId,
    clientId,
    clientName,
    clientHost,
    subject: subjectOf(key),
    scopes,
    resources,
    createdAt: at,
    expiresAt: atMost(at + LIFETIMES.refresh, key.expiresAt),
    revokedAt: null,
    lastUsedAt: null,
  };
  const code = tokens.newToken('code');
  const hash = tokens.hashToken(code);
  const expiresAt = at + LIFETIMES.code;
  await store.oauth.insertCode({ hash, clientId, redirectUri, challenge, grant, expiresAt, usedAt: null });
  return { code };
}
