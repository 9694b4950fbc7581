import type { Limits } from '../../core/tenant/scheduling.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Store } from '../../core/ports/store/store.js';

export interface KnownOrganization {
  readonly id: string;
  readonly name: string;
  readonly limits: Limits;
}

/** What the engine has to know of organizations, read once each. */
export class KnownOrganizations {
  readonly #store: Pick<Store, 'organizations'>;
  readonly #limits: Limits;
  readonly #known = new Map<string, KnownOrganization>();

  /** `limits` are those of organizations that have none of their own. */
  constructor(params: { readonly store: Pick<Store, 'organizations'>; readonly limits: Limits }) {
    this.#store = params.store;
    this.#limits = params.limits;
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  limitsOf(id: string): Limits {
    return this.#known.get(id)?.limits ?? this.#limits;
  }

  async get(id: string): Promise<KnownOrganization> {
    return this.#known.get(id) ?? this.#remember((await this.#store.organizations.get({ id })) ?? { id, name: id });
  }

  /** Takes over what has been changed of one that is known. */
  update(organization: Organization): void {
    if (this.#known.has(organization.id)) this.#remember(organization);
  }

  #remember({ id, name, settings }: Pick<Organization, 'id' | 'name' | 'settings'>): KnownOrganization {
    const organization = { id, name, limits: { ...this.#limits, ...settings?.limits } };
    this.#known.set(id, organization);
    return organization;
  }
}
