import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import { BUSINESS as BRIGHT_SPOKE } from '../../../../test/visibility/business.js';
import { toPresence } from './presence.js';
import type { Business } from '../profile.js';
import { readPage, type ShopSite } from './shop-site.js';
import { inspectSite } from './site-issues.js';
import { inspectStructuredData } from './structured-data.js';

const BUSINESS: Business = { ...BRIGHT_SPOKE, services: ['brake repair', 'wheel building', 'bike fitting'] };
const DESCRIPTION = 'Bright Spoke repairs bicycles in Harborview for everyday riders, without waiting.';

function siteOf(...pages: string[]): ShopSite {
  return {
    url: 'https://spoke.example/',
    pages: pages.map((html, index) => readPage(load(html), `https://spoke.example/${index === 0 ? '' : index}`)),
    hasSitemap: true,
    blockedAssistants: [],
  };
}

const GOOD = `<head><title>Brake repair in Harborview | Bright Spoke</title><meta name="description" content="${DESCRIPTION}"></head>
  <h1>Brake repair</h1><h2>Wheel building</h2><h2>Bike fitting</h2><p>12 Harbor St.</p><p>Call <a href="tel:+15550102030">us</a></p>
  <p>Open 9 am to 6 pm</p>`;

describe('a page', () => {
  it('is read as a visitor reads it', () => {
    const page = readPage(load(`${GOOD}<script>var phone = "555 010 9999"</script><p>one</p><p>two</p>`), 'u');
    expect(page).toMatchObject({
      title: 'Brake repair in Harborview | Bright Spoke',
      headings: ['Brake repair', 'Wheel building', 'Bike fitting'],
      phones: ['+15550102030'],
      indexed: true,
    });
    expect(page.text).toContain('one two');
    expect(page.text).not.toContain('9999');
  });

  it.each([
    ['<meta name="robots" content="noindex, follow">', ''],
    ['', 'none'],
  ])('that asks to be left out (%j, %j) is not listed', (html, header) => {
    expect(readPage(load(html), 'u', header).indexed).toBe(false);
  });
});

describe('a site', () => {
  it('that says everything has no issues', () => {
    expect(inspectSite(siteOf(GOOD), BUSINESS).issues).toEqual([]);
  });

  it('is told what it lacks', () => {
    const site = siteOf('<title>Welcome</title><p>We do brake repair and bike fitting. Call 555 010 9999.</p>');
    const { issues, facts } = inspectSite({ ...site, hasSitemap: false, blockedAssistants: ['X'] }, BUSINESS);
    expect(issues.map(({ rule }) => rule)).toEqual([
      'site-name-missing',
      'site-phone-missing',
      'site-phone-differs',
      'site-address-missing',
      'site-hours-missing',
      'service-page-missing',
      'service-missing',
      'service-page-missing',
      'assistants-blocked',
      'sitemap-missing',
      'description-missing',
      'city-missing',
    ]);
    expect(facts.services.map(({ pages, hasPage }) => [pages.length, hasPage])).toEqual([
      [1, false],
      [0, false],
      [1, false],
    ]);
  });

  it('is not told of what the profile does not say', () => {
    const { phone: _, address: __, hours: ___, ...rest } = BUSINESS;
    const rules = inspectSite(siteOf('<title>Bright Spoke</title>'), rest).issues.map(({ rule }) => rule);
    expect(rules.filter((rule) => rule.startsWith('site-'))).toEqual([]);
  });

  it('has its broken structured data named, with its page', () => {
    const site = siteOf(GOOD, '<script type="application/ld+json">{"@type": }</script>');
    const { data, issues } = inspectStructuredData(site, BUSINESS);
    expect(data).toEqual({ business: null, types: {} });
    expect(issues.map(({ rule, page }) => [rule, page])).toEqual([
      ['json-ld-broken', 'https://spoke.example/1'],
      ['local-business-missing', 'https://spoke.example/'],
      ['faq-missing', null],
    ]);
  });

  it('is summed up for a comparison', () => {
    const data =
      '<script type="application/ld+json">[{"@type":"BikeStore","name":"Bright Spoke"},{"@type":"FAQPage"}]</script>';
    expect(toPresence({ name: 'Bright Spoke', site: siteOf(GOOD + data), business: BUSINESS })).toEqual({
      name: 'Bright Spoke',
      site: 'https://spoke.example/',
      pages: 1,
      services: BUSINESS.services,
      servicePages: BUSINESS.services,
      structuredData: 'BikeStore',
      hasFaq: true,
      rating: null,
      namesCity: true,
    });
  });
});
