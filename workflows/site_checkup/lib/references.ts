import type { CheerioAPI } from 'cheerio';
import { selectorOf } from './selector.js';
import { baseOf, resolveUrl } from './site.js';

/** An address in a page, and the element that holds it. */
export interface Reference {
  readonly kind: 'link' | 'image' | 'script' | 'style';
  readonly url: string;
  readonly selector: string;
}

const SOURCES: readonly { kind: Reference['kind']; query: string; attribute: string }[] = [
  { kind: 'link', query: 'a[href], area[href]', attribute: 'href' },
  { kind: 'image', query: 'img[src]', attribute: 'src' },
  { kind: 'script', query: 'script[src]', attribute: 'src' },
  { kind: 'style', query: 'link[rel~="stylesheet"][href]', attribute: 'href' },
];

/** Every address of the page that can be fetched, in the page's order by kind. */
export function readReferences($: CheerioAPI, pageUrl: string): Reference[] {
  const base = baseOf($, pageUrl);
  return SOURCES.flatMap(({ kind, query, attribute }) =>
    $(query)
      .toArray()
      .flatMap((element) => {
        const url = resolveUrl($(element).attr(attribute) ?? '', base);
        return url === null ? [] : [{ kind, url, selector: selectorOf($, element) }];
      }),
  );
}

/** Where links lead to, without saying where they stand. */
export function readLinks($: CheerioAPI, pageUrl: string): string[] {
  const base = baseOf($, pageUrl);
  const links = $('a[href], area[href]')
    .toArray()
    .map((element) => resolveUrl($(element).attr('href') ?? '', base));
  return [...new Set(links.filter((url) => url !== null))];
}
