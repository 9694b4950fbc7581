import { ErrandError } from '../../core/errors.js';
import type { Records } from '../../core/ports/store/store.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Principal, Scope } from '../../core/tenant/principal.js';
import type { IssueForKeyParams, TokenAnswer } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';
import { issueAccessToken, refuseGrant } from './issue-tokens.js';
import { atMost, LIFETIMES } from './lifetimes.js';
import { ended, findValidKey, grantableBy, subjectOf } from './sign-in.js';
import { recordGrant } from '../audit/record-grant.js';

export async function issueForKey(
  deps: GrantDeps,
  caller: Principal,
  { scopes, resources }: IssueForKeyParams,
): Promise<TokenAnswer> {
  const at = deps.clock.now();
  return deps.store.transaction(async (tx) => {
    const key = await findKeyOf(tx, caller, at);
    return issueToKey(tx, deps, { key, subject: subjectOf(key), scopes, resources, at });
  });
}

/** Throws `unauthenticated` when it has ended. */
export async function findKeyOf(
  tx: Records,
  { organizationId, keyId, isGrant }: Principal,
  at: number,
): Promise<ApiKey> {
  if (keyId === null || isGrant === true) throw new ErrandError('forbidden', 'This takes an API key.');
  const key = await findValidKey(tx, { organizationId, keyId }, at);
  if (key === null) throw ended();
  return key;
}

interface Issue extends IssueForKeyParams {
  readonly key: ApiKey;
  readonly subject: string;
  readonly at: number;
}

/** An access token alone. Calls that ask for the same share a grant, so that who asks every hour leaves one behind. */
export async function issueToKey(
  tx: Records,
  deps: GrantDeps,
  { key, subject, scopes: asked, resources, at }: Issue,
): Promise<TokenAnswer> {
  const { organizationId, id: keyId } = key;
  const scopes = grantableBy(key).filter((scope) => asked.includes(scope));
  if (scopes.length === 0) return refuseGrant('invalid_scope', 'The key has none of the scopes that are asked for.');
  const wanted = { clientId: keyId, subject, scopes, resources };
  const known = (await tx.grants.list({ organizationId, at })).find((grant) => isFor(grant, wanted));
  const grant: Grant = known ?? {
    ...wanted,
    id: deps.newId(),
    organizationId,
    keyId,
    clientName: key.name,
    clientHost: '',
    clientSigns: false,
    createdAt: at,
    expiresAt: atMost(at + LIFETIMES.access, key.expiresAt),
    revokedAt: null,
    lastUsedAt: null,
  };
  if (known === undefined) {
    await tx.grants.insert(grant);
    await recordGrant(tx, deps, grant);
  }
  return issueAccessToken(tx, deps, { grant, scopes, resources, latest: key.expiresAt, at });
}

interface Wanted {
  readonly clientId: string;
  readonly subject: string;
  readonly scopes: readonly Scope[];
  readonly resources: readonly string[];
}

function isFor(grant: Grant, { clientId, subject, scopes, resources }: Wanted): boolean {
  const same = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ');
  const isSame = grant.clientId === clientId && grant.subject === subject;
  return isSame && same(grant.scopes, scopes) && same(grant.resources, resources);
}
