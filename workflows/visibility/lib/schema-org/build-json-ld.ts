import type { JsonObject } from 'errand';
import { load } from 'cheerio/slim';
import { parseHours, toSchemaHours } from '../text/hours.js';
import type { Issue } from '../reports/issue.js';
import { readJsonLd } from './json-ld.js';
import { findLocalBusiness, inspectLocalBusiness } from './local-business.js';
import type { Business } from '../profile.js';

export interface Faq {
  readonly question: string;
  readonly answer: string;
}

/** The business as schema.org has it. Facts come from the profile alone; only the type and the words are anybody's draft. */
export function buildLocalBusiness(params: {
  readonly business: Business;
  readonly type: string;
  readonly description: string;
}): JsonObject {
  const { business, type, description } = params;
  const { name, site, city, phone, address, hours, services } = business;
  const week = hours === undefined ? null : parseHours(hours);
  return {
    '@context': 'https://schema.org',
    '@type': type,
    '@id': new URL('#business', site).href,
    name,
    description,
    url: new URL(site).href,
    ...(phone === undefined ? {} : { telephone: phone }),
    ...(address === undefined ? {} : { address: buildAddress(address, city) }),
    ...(week === null ? {} : { openingHours: toSchemaHours(week) }),
    areaServed: city,
    hasOfferCatalog: {
      '@type': 'OfferCatalog',
      name: 'Services',
      itemListElement: services.map((service) => ({
        '@type': 'Offer',
        itemOffered: { '@type': 'Service', name: service },
      })),
    },
  };
}

function buildAddress(address: string, city: string): JsonObject {
  const [street = address] = address.split(/[,\n]/);
  return { '@type': 'PostalAddress', streetAddress: street.trim(), addressLocality: city };
}

export function buildFaqPage(faqs: readonly Faq[]): JsonObject {
  return {
    '@context': 'https://schema.org',
    '@type': 'FAQPage',
    mainEntity: faqs.map(({ question, answer }) => ({
      '@type': 'Question',
      name: question,
      acceptedAnswer: { '@type': 'Answer', text: answer },
    })),
  };
}

/** As it is pasted into a page. */
export function toScript(item: JsonObject): string {
  // Nothing in it may end the element.
  const json = JSON.stringify(item, null, 2).replaceAll('<', String.raw`\u003c`);
  return `<script type="application/ld+json">\n${json}\n</script>`;
}

/** Reads a block as it would be read from a page, and holds it against the profile. */
export function verifyLocalBusiness(script: string, business: Business): Issue[] {
  const { items, errors } = readJsonLd(load(script));
  const broken = errors.map((error): Issue => ({
    rule: 'json-ld-broken',
    severity: 'high',
    message: `The block is no JSON: ${error}.`,
    action: 'Do not use it.',
    page: null,
  }));
  if (broken.length > 0) return broken;
  const found = findLocalBusiness(items, business.name);
  return inspectLocalBusiness(found, business, business.site).filter(
    // Nobody can add what the profile does not know.
    ({ rule }) =>
      rule !== 'same-as-missing' &&
      rule !== 'type-general' &&
      !(rule === 'hours-missing' && business.hours === undefined) &&
      !(rule === 'telephone-missing' && business.phone === undefined) &&
      !(rule === 'address-missing' && business.address === undefined),
  );
}
