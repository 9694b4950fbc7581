export const ORGANIZATION_PARTS = [
  'credits',
  'access',
  'schedules',
  'hooks',
  'events',
  'webhooks',
  'secrets',
  'audit',
] as const;
export type OrganizationPart = (typeof ORGANIZATION_PARTS)[number];

export interface OrganizationSearch {
  readonly part?: OrganizationPart;
}

/** What makes no sense is passed over. */
export function readOrganizationSearch(search: Record<string, unknown>): OrganizationSearch {
  const part = ORGANIZATION_PARTS.find((known) => known === search['part']);
  return part === undefined ? {} : { part };
}
