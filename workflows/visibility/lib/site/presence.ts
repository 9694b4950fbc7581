import { typesOf } from '../schema-org/json-ld.js';
import { findLocalBusiness } from '../schema-org/local-business.js';
import type { Business } from '../profile.js';
import type { ShopSite } from './shop-site.js';
import { containsPhrase, mentionsService } from '../text/text.js';

/** What a business's site has to show for customers and assistants. */
export interface Presence {
  readonly name: string;
  readonly site: string;
  readonly pages: number;
  /** Those of the profile's services that it speaks of, and those that have a page or heading. */
  readonly services: readonly string[];
  readonly servicePages: readonly string[];
  readonly structuredData: string | null;
  readonly hasFaq: boolean;
  readonly rating: string | null;
  readonly namesCity: boolean;
}

export function toPresence(params: {
  readonly name: string;
  readonly site: ShopSite;
  readonly business: Business;
}): Presence {
  const { name, site, business } = params;
  const { pages } = site;
  const text = pages.map((page) => `${page.title} . ${page.text}`).join(' . ');
  const heads = pages.map(({ title, headings }) => [title, ...headings].join(' . ')).join(' . ');
  const items = pages.flatMap(({ jsonLd }) => jsonLd);
  const described = findLocalBusiness(items, name);
  return {
    name,
    site: site.url,
    pages: pages.length,
    services: business.services.filter((service) => mentionsService(text, service)),
    servicePages: business.services.filter((service) => mentionsService(heads, service)),
    structuredData: described?.type ?? null,
    hasFaq: items.some((item) => typesOf(item).includes('FAQPage')),
    rating: described?.rating ?? null,
    namesCity: containsPhrase(heads, business.city),
  };
}
