import { ErrandError } from '../../core/errors.js';
import { shorten } from '../../core/text/cut-text.js';
import { hasScope, withIncluded, type Principal, type Scope } from '../../core/tenant/principal.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Store } from '../../core/ports/store/store.js';
import type { InOrganization } from '../interface/in-organization.js';

export function requireScope(caller: Principal, scope: Scope): void {
  if (hasScope(caller, scope)) return;
  if (caller.isGrant === true && scope !== 'operate') {
    // RFC 6750, section 3.1: all that the client is to ask for, so that it keeps what it has.
    const needed = withIncluded([...caller.scopes, scope]).join(' ');
    const message = `This sign-in does not cover the scope "${scope}". Sign in again with the scopes ${needed}.`;
    throw new ErrandError('forbidden', message, { details: { needed_scope: needed } });
  }
  throw new ErrandError('forbidden', `This key lacks the scope "${scope}". Ask the operator for a key that has it.`);
}

/** Slugs and ids are shorter. */
const MAX_NAME = 100;

/** The organization that a call is about: the caller's own, or, for operators, the one that is named. */
export async function resolveOrganization(
  store: Store,
  caller: Principal,
  { organization }: InOrganization,
): Promise<Organization> {
  if (organization === undefined) {
    const own = await store.organizations.get({ id: caller.organizationId });
    if (own === null) throw new ErrandError('not_found', 'The organization of this key is gone.');
    return own;
  }
  requireScope(caller, 'operate');
  const found =
    organization.length > MAX_NAME
      ? null
      : ((await store.organizations.find({ slug: organization })) ??
        (await store.organizations.get({ id: organization })));
  if (found === null) {
    throw new ErrandError('not_found', `There is no organization "${shorten(organization, MAX_NAME)}".`);
  }
  return found;
}
