import type { Issue } from '../reports/issue.js';
import { typesOf } from '../schema-org/json-ld.js';
import { findLocalBusiness, inspectLocalBusiness, type LocalBusiness } from '../schema-org/local-business.js';
import type { Business } from '../profile.js';
import type { ShopSite } from './shop-site.js';

export interface StructuredData {
  readonly business: LocalBusiness | null;
  /** How many items of each type the site has. */
  readonly types: { readonly [type: string]: number };
}

/** What a site's structured data says, and what is missing or wrong in it. */
export function inspectStructuredData(site: ShopSite, business: Business): { data: StructuredData; issues: Issue[] } {
  const described = site.pages.flatMap((page) => {
    const found = findLocalBusiness(page.jsonLd, business.name);
    return found === null ? [] : [{ found, page: page.url }];
  });
  const [first] = described;
  const types: { [type: string]: number } = {};
  for (const type of site.pages.flatMap((page) => page.jsonLd.flatMap(typesOf))) types[type] = (types[type] ?? 0) + 1;
  const broken = site.pages.flatMap((page) =>
    page.jsonLdErrors.map((error): Issue => ({
      rule: 'json-ld-broken',
      severity: 'high',
      message: `A block of structured data is no JSON, so nobody reads it: ${error}.`,
      action: 'Correct the block; validator.schema.org shows where it breaks.',
      page: page.url,
    })),
  );
  const issues = [...broken, ...inspectLocalBusiness(first?.found ?? null, business, first?.page ?? site.url)];
  if (types['FAQPage'] === undefined) {
    issues.push({
      rule: 'faq-missing',
      severity: 'low',
      message: 'No page answers frequent questions in structured data.',
      action: 'Publish answers to what customers ask, marked up as FAQPage.',
      page: null,
    });
  }
  return { data: { business: first?.found ?? null, types }, issues };
}
