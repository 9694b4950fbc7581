import { ErrandError } from '../../core/errors.js';

/** What a row for an organization that does not exist is refused with. */
export function missingOrganization(organizationId: string, cause: unknown): ErrandError {
  return new ErrandError('not_found', `There is no organization ${organizationId}.`, { cause });
}
