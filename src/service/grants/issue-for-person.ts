import type { Records } from '../../core/ports/store/store.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { IssueForPersonParams, TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { findKeyOf, issueToKey } from './issue-for-key.js';
import { refuse } from './issue-tokens.js';

const REFUSED = 'The assertion was used before, or is for somebody of another organization than the key.';

/**
 * Gives what the person, the key and the client's question have in common. The person's organization must be the key's.
 */
export async function issueForPerson(
  deps: GrantDeps,
  caller: Principal,
  { person, scopes: asked, resources, assertionId, assertionExpiresAt }: IssueForPersonParams,
): Promise<TokenAnswer> {
  const at = deps.clock.now();
  const hash = deps.tokens.hashToken(`assertion ${assertionId}`);
  return deps.store.transaction(async (tx) => {
    const key = await findKeyOf(tx, caller, at);
    const organization = await tx.organizations.find({ slug: person.organization });
    if (organization?.id !== key.organizationId) return refuse('invalid_grant', REFUSED);
    if (!(await isFirstUse(tx, { hash, clientId: key.id, expiresAt: assertionExpiresAt, at }))) {
      return refuse('invalid_grant', REFUSED);
    }
    const scopes = person.scopes.filter((scope) => asked.includes(scope));
    return issueToKey(tx, deps, { key, subject: person.subject, scopes, resources, at });
  });
}

interface Use {
  readonly hash: string;
  readonly clientId: string;
  readonly expiresAt: number;
  readonly at: number;
}

/** An assertion is kept as a code that is used, until it has expired. */
async function isFirstUse(tx: Records, { hash, clientId, expiresAt, at }: Use): Promise<boolean> {
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
  subject: '',
  scopes: [],
  resources: [],
  createdAt: 0,
  expiresAt: 0,
  revokedAt: null,
  lastUsedAt: null,
};
