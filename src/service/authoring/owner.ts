import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { OfOwner } from '../interface/authoring.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';

export interface Owner {
  /** Null: for all. */
  readonly organizationId: string | null;
  /** The organization whose trail tells of it. */
  readonly shownTo: string;
}

/** Whose workflows the call may change. */
export async function findOwner(deps: ServiceDeps, caller: Principal, given: OfOwner): Promise<Owner> {
  requireScope(caller, 'workflows:write');
  const { forAll = false, organization } = given;
  if (forAll && organization !== undefined) {
    const problems = [{ path: '/organization', message: 'cannot be given together with for_all' }];
    throw new ErrandError('invalid_input', 'Workflows for all are of no organization: give one of the two.', {
      problems,
    });
  }
  if (forAll) requireScope(caller, 'operate');
  const { id } = await resolveOrganization(deps.store, caller, organization === undefined ? {} : { organization });
  return { organizationId: forAll ? null : id, shownTo: id };
}
