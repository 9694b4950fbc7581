import type { Clock } from '../../core/ports/clock.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Organization } from '../../core/tenant/organization.js';

/** What another process has changed is seen after this. */
const KEEP_MS = 5_000;
const MAX_KEPT = 10_000;

interface Kept {
  readonly day: number;
  readonly until: number;
}

/** The day of the month, 1 to 31, on which the billing cycles of an organization begin. */
export class BillingDays {
  readonly #store: Pick<Store, 'organizations'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #default: number;
  readonly #kept = new Map<string, Kept>();

  /** `defaultDay` is that of organizations that have none of their own. */
  constructor(params: {
    readonly store: Pick<Store, 'organizations'>;
    readonly clock: Pick<Clock, 'now'>;
    readonly defaultDay: number;
  }) {
    this.#store = params.store;
    this.#clock = params.clock;
    this.#default = params.defaultDay;
  }

  /** At once where it is known, as at nearly every run. */
  of(organizationId: string): number | Promise<number> {
    const kept = this.#kept.get(organizationId);
    return kept !== undefined && kept.until > this.#clock.now() ? kept.day : this.#read(organizationId);
  }

  async #read(id: string): Promise<number> {
    return this.update((await this.#store.organizations.get({ id })) ?? { id });
  }

  /** Takes over what an organization says now. */
  update({ id, settings }: Pick<Organization, 'id' | 'settings'>): number {
    const day = settings?.billingDay ?? this.#default;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(id, { day, until: this.#clock.now() + KEEP_MS });
    return day;
  }
}
