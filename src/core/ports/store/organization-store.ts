import type { Organization } from '../../tenant/organization.js';

export interface ListOrganizationsParams {
  readonly limit: number;
  readonly offset: number;
}

export interface OrganizationStore {
  insert(organization: Organization): Promise<void>;
  get(params: { readonly id: string }): Promise<Organization | null>;
  find(params: { readonly slug: string }): Promise<Organization | null>;
  /** Replaces the name and the settings; false when there is no such organization. */
  update(organization: Organization): Promise<boolean>;
  list(params: ListOrganizationsParams): Promise<{ organizations: Organization[]; total: number }>;
}
