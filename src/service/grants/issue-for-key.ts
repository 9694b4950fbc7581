import { ErrandError } from '../../core/errors.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { IssueForKeyParams, TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { issueAccessToken, refuse } from './issue-tokens.js';
import { atMost, LIFETIMES } from './lifetimes.js';
import { ended, findValidKey, grantableBy, subjectOf } from './sign-in.js';

/** Calls that ask for the same share a grant, so that who asks every hour leaves one behind. */
export async function issueForKey(
  deps: GrantDeps,
  { organizationId, keyId, isGrant }: Principal,
  { scopes: asked, resources }: IssueForKeyParams,
): Promise<TokenAnswer> {
  if (keyId === null || isGrant === true) throw new ErrandError('forbidden', 'This takes an API key.');
  const at = deps.clock.now();
  return deps.store.transaction(async (tx) => {
    const key = await findValidKey(tx, { organizationId, keyId }, at);
    if (key === null) throw ended();
    const scopes = grantableBy(key).filter((scope) => asked.includes(scope));
    if (scopes.length === 0) return refuse('invalid_scope', 'The key has none of the scopes that are asked for.');
    const wanted = { clientId: keyId, scopes, resources };
    const known = (await tx.grants.list({ organizationId, at })).find((grant) => isFor(grant, wanted));
    const grant: Grant = known ?? {
      ...wanted,
      id: deps.newId(),
      organizationId,
      keyId,
      clientName: key.name,
      clientHost: '',
      subject: subjectOf(key),
      createdAt: at,
      expiresAt: atMost(at + LIFETIMES.access, key.expiresAt),
      revokedAt: null,
      lastUsedAt: null,
    };
    if (known === undefined) await tx.grants.insert(grant);
    return issueAccessToken(tx, deps, { grant, scopes, resources, latest: key.expiresAt, at });
  });
}

function isFor(
  grant: Grant,
  { clientId, scopes, resources }: Pick<Grant, 'clientId' | 'scopes' | 'resources'>,
): boolean {
  const same = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ');
  return grant.clientId === clientId && same(grant.scopes, scopes) && same(grant.resources, resources);
}
