import { judgeAddress } from '../text/address.js';
import { judgeHours } from '../text/hours.js';
import type { Issue, Severity } from '../reports/issue.js';
import { isSamePhone } from '../text/phone.js';
import type { Business } from '../profile.js';
import type { ShopPage, ShopSite } from './shop-site.js';
import { containsPhrase, mentionsName, mentionsService } from '../text/text.js';

export interface SiteFacts {
  readonly pages: number;
  readonly services: readonly {
    readonly service: string;
    /** Where it is spoken of; first of all the page that is about it. */
    readonly pages: readonly string[];
    /** Whether a page has it in its title or a heading. */
    readonly hasPage: boolean;
  }[];
  readonly phones: readonly string[];
  readonly blockedAssistants: readonly string[];
}

const TITLE_CHARS = 65;
const DESCRIPTION_CHARS = { min: 50, max: 170 };

/** What a site tells of the business, and what is missing or contradicts the profile. */
export function inspectSite(site: ShopSite, business: Business): { facts: SiteFacts; issues: Issue[] } {
  const services = business.services.map((service) => findService(site, service));
  const facts = {
    pages: site.pages.length,
    services,
    phones: [...new Set(site.pages.flatMap(({ phones }) => phones))],
    blockedAssistants: site.blockedAssistants,
  };
  const issues = [
    ...findNapIssues(site, business),
    ...services.flatMap(toServiceIssues),
    ...findReachIssues(site),
    ...site.pages.flatMap((page) => findHeadIssues(page)),
  ];
  const home = site.pages[0];
  if (home !== undefined && !containsPhrase(`${home.title} ${home.headings.join(' ')}`, business.city)) {
    const message = `Neither title nor headings of your home page say that you are in ${business.city}.`;
    issues.push(issue('city-missing', 'medium', message, 'Name the town in the title: “Brake repair in …”.', home.url));
  }
  return { facts, issues };
}

function findService(site: ShopSite, service: string): SiteFacts['services'][number] {
  const own = site.pages.filter(({ title, headings }) =>
    mentionsService(`${title} . ${headings.join(' . ')}`, service),
  );
  const others = site.pages.filter((page) => !own.includes(page) && mentionsService(page.text, service));
  return { service, pages: [...own, ...others].map(({ url }) => url).slice(0, 5), hasPage: own.length > 0 };
}

function toServiceIssues({ service, pages, hasPage }: SiteFacts['services'][number]): Issue[] {
  if (pages.length === 0) {
    const message = `No page speaks of ${service}.`;
    return [issue('service-missing', 'high', message, `Write a page about ${service}.`, null)];
  }
  if (hasPage) return [];
  const message = `${service} is mentioned, but no page is about it.`;
  return [issue('service-page-missing', 'medium', message, `Give ${service} a page or heading of its own.`, pages[0])];
}

/** Name, address, phone: what has to be the same everywhere. */
function findNapIssues(site: ShopSite, { name, phone, address, hours, ...business }: Business): Issue[] {
  const issues: Issue[] = [];
  const text = site.pages.map((page) => `${page.title}\n${page.text}`).join('\n');
  const home = site.pages[0]?.url ?? business.site;
  if (!mentionsName(text, name)) {
    issues.push(
      issue(
        'site-name-missing',
        'high',
        `Your site never says “${name}”.`,
        'Use your name as customers know it.',
        home,
      ),
    );
  }
  if (phone !== undefined) {
    const told = site.pages.flatMap((page) => page.phones.map((each) => ({ each, page: page.url })));
    const other = told.find(({ each }) => !isSamePhone(each, phone));
    if (told.every(({ each }) => !isSamePhone(each, phone))) {
      const message = `Your telephone number ${phone} is not on your site.`;
      issues.push(issue('site-phone-missing', 'high', message, 'Put it on every page, as text and as a link.', home));
    }
    if (other !== undefined) {
      const message = `A page gives another telephone number: ${other.each}.`;
      issues.push(issue('site-phone-differs', 'medium', message, 'Use one number everywhere.', other.page));
    }
  }
  if (address !== undefined && judgeAddress(text, address) !== 'right') {
    const message = `Your address ${address} is not on your site.`;
    issues.push(issue('site-address-missing', 'high', message, 'Put it on every page, best at the foot.', home));
  }
  if (hours !== undefined && site.pages.every((page) => judgeHours(page.text, hours) === 'absent')) {
    issues.push(
      issue(
        'site-hours-missing',
        'medium',
        'Your site gives no opening hours.',
        'Put them on the home page as text.',
        home,
      ),
    );
  }
  return issues;
}

function findReachIssues(site: ShopSite): Issue[] {
  const issues: Issue[] = [];
  if (site.blockedAssistants.length > 0) {
    const message = `robots.txt keeps AI assistants out: ${site.blockedAssistants.join(', ')}.`;
    issues.push(issue('assistants-blocked', 'high', message, 'Take their “Disallow” out of robots.txt.', site.url));
  }
  if (!site.hasSitemap) {
    issues.push(
      issue('sitemap-missing', 'low', 'There is no sitemap.', 'Publish /sitemap.xml with all pages.', site.url),
    );
  }
  for (const page of site.pages.filter(({ indexed }) => !indexed)) {
    const message = 'This page asks search engines not to list it.';
    issues.push(issue('page-hidden', 'medium', message, 'Take “noindex” away if customers are to find it.', page.url));
  }
  return issues;
}

function findHeadIssues({ title, description, url }: ShopPage): Issue[] {
  const issues: Issue[] = [];
  const { min, max } = DESCRIPTION_CHARS;
  if (title === '') issues.push(issue('title-missing', 'high', 'The page has no title.', 'Give it one.', url));
  else if (title.length > TITLE_CHARS) {
    issues.push(issue('title-long', 'low', `The title is cut in search results: “${title}”.`, 'Shorten it.', url));
  }
  if (description === '') {
    issues.push(
      issue('description-missing', 'medium', 'The page has no description for search results.', 'Write one.', url),
    );
  } else if (description.length < min || description.length > max) {
    const message = `The description has ${description.length} characters.`;
    issues.push(issue('description-length', 'low', message, `Write ${min} to ${max}.`, url));
  }
  return issues;
}

function issue(rule: string, severity: Severity, message: string, action: string, page?: string | null): Issue {
  return { rule, severity, message, action, page: page ?? null };
}
