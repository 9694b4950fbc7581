import type { CheerioAPI } from 'cheerio';
import type { JsonObject, OutboundFetch } from 'errand';
import { crawlSite } from '../../../site_checkup/lib/crawl/crawl-site.js';
import { fail } from '../../../site_checkup/lib/fail.js';
import { oneLine, openPages } from '../../../site_checkup/lib/site.js';
import { findBlockedAssistants } from './ai-robots.js';
import { readJsonLd } from '../schema-org/json-ld.js';
import { findPhones } from '../text/phone.js';
import { readText } from '../text/read-text.js';

/** What a shop's site says, as far as anybody here looks at it. */
export interface ShopSite {
  readonly url: string;
  readonly pages: readonly ShopPage[];
  readonly hasSitemap: boolean;
  /** The robots of AI assistants that robots.txt keeps away from the first page. */
  readonly blockedAssistants: readonly string[];
}

export interface ShopPage {
  readonly url: string;
  readonly title: string;
  readonly description: string;
  readonly headings: readonly string[];
  /** What a visitor reads, cut. */
  readonly text: string;
  readonly phones: readonly string[];
  readonly jsonLd: readonly JsonObject[];
  readonly jsonLdErrors: readonly string[];
  /** False when the page asks search engines not to list it. */
  readonly indexed: boolean;
}

const MAX_TEXT_CHARS = 6_000;
const MAX_HEADINGS = 30;
const MAX_HEADING_CHARS = 500;
/** Of a page that are looked at. */
const MAX_ELEMENTS = 200;
const MAX_CHARS = 200_000;

/** Reads at most so many pages of a site, as its robots.txt allows. */
export async function readShopSite(params: {
  readonly url: string;
  readonly maxPages: number;
  readonly fetch: OutboundFetch;
  readonly signal: AbortSignal;
  readonly onPage: (read: number, url: string) => void;
}): Promise<ShopSite> {
  const site = await crawlSite({ ...params, url: new URL(params.url).href });
  const pages: ShopPage[] = [];
  for await (const { page, $ } of openPages(site, params.signal)) {
    pages.push(readPage($, page.url, page.headers['x-robots-tag'] ?? ''));
  }
  return {
    url: site.url,
    pages,
    hasSitemap: site.sitemap.length > 0,
    blockedAssistants: findBlockedAssistants({ url: site.url, robots: site.robots }),
  };
}

export function readPage($: CheerioAPI, url: string, robotsHeader = ''): ShopPage {
  const { items, errors } = readJsonLd($);
  const robots = `${$('meta[name="robots" i]').attr('content') ?? ''},${robotsHeader}`;
  const title = oneLine($('head > title').first().text());
  const description = oneLine($('meta[name="description" i]').first().attr('content') ?? '');
  const headings = $('h1, h2, h3')
    .slice(0, MAX_ELEMENTS)
    .toArray()
    .map((element) => readText([element], MAX_HEADING_CHARS))
    .filter((heading) => heading !== '')
    .slice(0, MAX_HEADINGS);
  const links = $('a[href^="tel:" i]')
    .slice(0, MAX_ELEMENTS)
    .toArray()
    .map((element) => ($(element).attr('href') ?? '').slice(4));
  const whole = readText($('body').toArray(), MAX_CHARS);
  return {
    url,
    title,
    description,
    headings,
    text: whole.slice(0, MAX_TEXT_CHARS),
    phones: [...new Set([...findPhones(whole), ...links])],
    jsonLd: items,
    jsonLdErrors: errors,
    indexed: !/\b(?:noindex|none)\b/i.test(robots),
  };
}

/** What the node that reads the site came to, as agents are given it. */
export interface SiteInput {
  readonly site: ShopSite | null;
  readonly site_error: { readonly message: string } | null;
}

export function requireSite({ site, site_error: error }: SiteInput): ShopSite {
  if (site !== null) return site;
  return fail(`The site could not be read: ${error?.message ?? 'nobody knows why'}`, {
    kind: 'site_unreadable',
    retryable: false,
  });
}
