import { ErrandError } from '../../core/errors.js';
import { shorten } from '../../core/text/cut-text.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Store } from '../../core/ports/store/store.js';
import type { InOrganization } from '../interface/in-organization.js';
import { requireScope } from './require-scope.js';

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
