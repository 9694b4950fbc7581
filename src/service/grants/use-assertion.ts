import type { Records } from '../../core/ports/store/store.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { UseAssertionParams } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';

/** By the client that presents it: two clients may choose the same id. */
export async function useAssertion(
  { store, tokens, clock }: GrantDeps,
  { clientId, id, expiresAt }: UseAssertionParams,
): Promise<boolean> {
  const hash = tokens.hashToken(`assertion of ${clientId} ${id}`);
  return store.transaction((tx) => isFirstUse(tx, { hash, clientId, expiresAt, at: clock.now() }));
}

interface Use {
  readonly hash: string;
  readonly clientId: string;
  readonly expiresAt: number;
  readonly at: number;
}

/** An assertion is kept as a code that is used, until it has expired. */
export async function isFirstUse(tx: Records, { hash, clientId, expiresAt, at }: Use): Promise<boolean> {
  if ((await tx.oauth.useCode({ hash, at })) !== null) return false;
  const code = { hash, clientId, redirectUri: '', challenge: '', grant: NO_GRANT, expiresAt, usedAt: at };
  await tx.oauth.insertCode(code);
  return true;
}

/** It is never looked at: a code that is used comes to nothing. */
const NO_GRANT: Grant = {
  id: '',
  organizationId: '',
  keyId: null,
  clientId: '',
  clientName: '',
  clientHost: '',
  clientSigns: false,
  subject: '',
  scopes: [],
  resources: [],
  createdAt: 0,
  expiresAt: 0,
  revokedAt: null,
  lastUsedAt: null,
};
