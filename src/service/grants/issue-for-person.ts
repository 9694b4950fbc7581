import type { Principal } from '../../core/tenant/principal.js';
import type { IssueForPersonParams, TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { findKeyOf, issueToKey } from './issue-for-key.js';
import { refuseGrant } from './issue-tokens.js';
import { isFirstUse } from './use-assertion.js';

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
    if (organization?.id !== key.organizationId) return refuseGrant('invalid_grant', REFUSED);
    if (!(await isFirstUse(tx, { hash, clientId: key.id, expiresAt: assertionExpiresAt, at }))) {
      return refuseGrant('invalid_grant', REFUSED);
    }
    const scopes = person.scopes.filter((scope) => asked.includes(scope));
    return issueToKey(tx, deps, { key, subject: person.subject, scopes, resources, at });
  });
}
