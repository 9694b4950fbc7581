import { selectorOf } from '../selector.js';
import type { Fault, Severity } from '../report.js';
import { oneLine, type OpenPage, resolveUrl, type Site } from '../site.js';

const TITLE_CHARS = { min: 10, max: 65 };
const DESCRIPTION_CHARS = { min: 50, max: 170 };

/** What a page says to search engines, and what is wrong with that on the page alone. */
export interface SeoFacts {
  readonly url: string;
  /** False when the page asks not to be listed or names another as its original. */
  readonly indexed: boolean;
  readonly title: string;
  readonly description: string;
  readonly faults: readonly Fault[];
}

export function checkPage({ page, $ }: OpenPage): SeoFacts {
  const faults: Fault[] = [];
  const add = (rule: string, severity: Severity, message: string, selector: string | null = null): void => {
    faults.push({ rule, severity, page: page.url, selector, message });
  };
  const title = oneLine($('head > title').first().text());
  const description = oneLine($('meta[name="description" i]').first().attr('content') ?? '');
  const robots = `${$('meta[name="robots" i]').attr('content') ?? ''},${page.headers['x-robots-tag'] ?? ''}`;
  const hidden = /\b(?:noindex|none)\b/i.test(robots);
  const headings = $('h1').toArray();
  const canonical = $('link[rel="canonical" i]').attr('href');
  const original = canonical === undefined ? page.url : resolveUrl(canonical, page.url);

  if (title === '') add('title-missing', 'high', 'The page has no title.');
  else if (title.length < TITLE_CHARS.min)
    add('title-too-short', 'low', `The title “${title}” says too little.`, 'head > title');
  else if (title.length > TITLE_CHARS.max) {
    add(
      'title-too-long',
      'low',
      `The title has ${title.length} characters; search engines show about ${TITLE_CHARS.max}.`,
      'head > title',
    );
  }
  if (description === '') add('description-missing', 'medium', 'The page has no meta description.');
  else if (description.length < DESCRIPTION_CHARS.min || description.length > DESCRIPTION_CHARS.max) {
    const { min, max } = DESCRIPTION_CHARS;
    add(
      'description-length',
      'low',
      `The meta description has ${description.length} characters; ${min} to ${max} work best.`,
    );
  }
  if (headings.length === 0) add('h1-missing', 'medium', 'The page has no main heading (h1).');
  if (headings[1] !== undefined) {
    add('h1-multiple', 'low', `The page has ${headings.length} main headings (h1).`, selectorOf($, headings[1]));
  }
  if (canonical !== undefined && original === null) {
    add(
      'canonical-invalid',
      'medium',
      `The canonical address “${canonical.slice(0, 100)}” is none.`,
      'link[rel="canonical"]',
    );
  }
  if (($('html').attr('lang') ?? '').trim() === '')
    add('lang-missing', 'medium', 'The page does not say its language.', 'html');
  if ($('meta[name="viewport" i]').length === 0) {
    add('viewport-missing', 'medium', 'The page has no viewport setting, so phones show it as on a desktop.');
  }
  if (hidden) add('noindex', 'medium', 'The page asks search engines not to list it.');
  const indexed = !hidden && (original === null || original === page.url);
  return { url: page.url, indexed, title, description, faults };
}

/** What shows only when pages are compared. */
export function checkSite(site: Site, facts: readonly SeoFacts[]): Fault[] {
  const indexed = facts.filter((page) => page.indexed);
  const orphans = site.pages.filter((page) => !page.linked && page.status === 200);
  return [
    ...duplicates(indexed, 'title').map(({ value, pages: [page, ...others] }) => ({
      rule: 'title-duplicate',
      severity: 'medium' as const,
      page: page ?? '',
      selector: 'head > title',
      message: `${others.length + 1} pages share the title “${value.slice(0, 100)}”.`,
      also_on: others.slice(0, 20),
    })),
    ...duplicates(indexed, 'description').map(({ pages: [page, ...others] }) => ({
      rule: 'description-duplicate',
      severity: 'low' as const,
      page: page ?? '',
      selector: null,
      message: `${others.length + 1} pages share one meta description.`,
      also_on: others.slice(0, 20),
    })),
    ...orphans.map((page) => ({
      rule: 'orphaned-page',
      severity: 'medium' as const,
      page: page.url,
      selector: null,
      message: 'The sitemap lists this page, but no page links to it.',
    })),
  ];
}

function duplicates(facts: readonly SeoFacts[], field: 'title' | 'description'): { value: string; pages: string[] }[] {
  const pages = new Map<string, string[]>();
  for (const page of facts) {
    if (page[field] !== '') pages.set(page[field], [...(pages.get(page[field]) ?? []), page.url]);
  }
  return [...pages].filter(([, urls]) => urls.length > 1).map(([value, urls]) => ({ value, pages: urls }));
}
