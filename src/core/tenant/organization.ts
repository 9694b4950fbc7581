import type { Retention } from '../run/retention.js';
import type { Limits } from './scheduling.js';

export interface Organization {
  readonly id: string;
  /** Unique; lower-case letters, digits, `-` and `_`. */
  readonly slug: string;
  readonly name: string;
  readonly createdAt: number;
  /** Absent: what the server's settings say. */
  readonly settings?: OrganizationSettings;
}

/** What is set for one organization; what is absent is as the server's settings say. */
export interface OrganizationSettings {
  readonly limits?: { readonly [Name in keyof Limits]?: Limits[Name] };
  readonly retention?: Retention;
  /** The day of the month, 1 to 31, on which its billing cycles begin. */
  readonly billingDay?: number;
}
