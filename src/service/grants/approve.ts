import { ErrandError } from '../../core/errors.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Scope } from '../../core/tenant/principal.js';
import type { AskedGrant, SignIn } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { atMost, LIFETIMES } from './lifetimes.js';
import { ended, findValidKey, grantableBy, subjectOf } from './sign-in.js';

/** Gives no more than the key has. The grant begins when the code is exchanged. */
export async function approve(
  { store, tokens, clock, newId }: GrantDeps,
  signIn: SignIn,
  asked: AskedGrant,
): Promise<{ readonly code: string }> {
  const at = clock.now();
  const { keyId, subject, scopes: all, latest } = await rightsOf(store, signIn, at);
  const scopes = all.filter((scope) => asked.scopes.includes(scope));
  if (scopes.length === 0) throw new ErrandError('forbidden', 'Nothing of what is asked for can be allowed by you.');
  const { clientId, clientName, clientHost, clientSigns, redirectUri, challenge, resources } = asked;
  const grant: Grant = {
    id: newId(),
    organizationId: signIn.organizationId,
    keyId,
    clientId,
    clientName,
    clientHost,
    clientSigns,
    subject,
    scopes,
    resources,
    createdAt: at,
    expiresAt: atMost(at + LIFETIMES.refresh, latest),
    revokedAt: null,
    lastUsedAt: null,
  };
  const code = tokens.newToken('code');
  const hash = tokens.hashToken(code);
  const expiresAt = at + LIFETIMES.code;
  await store.oauth.insertCode({ hash, clientId, redirectUri, challenge, grant, expiresAt, usedAt: null });
  return { code };
}

interface Rights {
  readonly keyId: string | null;
  readonly subject: string;
  readonly scopes: readonly Scope[];
  /** When they end; null: not by themselves. */
  readonly latest: number | null;
}

/** A key is looked at again, as it may have ended since somebody signed in with it. */
async function rightsOf(store: Store, signIn: SignIn, at: number): Promise<Rights> {
  if (signIn.kind === 'person') return { ...signIn, keyId: null, latest: null };
  const key = await findValidKey(store, signIn, at);
  if (key === null) throw ended();
  return { keyId: key.id, subject: subjectOf(key), scopes: grantableBy(key), latest: key.expiresAt };
}
