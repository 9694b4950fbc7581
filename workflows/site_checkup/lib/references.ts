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

/** Of each kind. */
const MAX_REFERENCES = 2_000;

/** The addresses of the page that can be fetched, in the page's order by kind. */
export function readReferences($: CheerioAPI, pageUrl: string): Reference[] {
  const base = baseOf($, pageUrl);
  return SOURCES.flatMap(({ kind, query, attribute }) =>
    $(query)
      .slice(0, MAX_REFERENCES)
      .toArray()
      .flatMap((element) => {
        const url = resolveUrl($(element).attr(attribute) ?? '', base);
        return url === null ? [] : [{ kind, url, selector: selectorOf($, element) }];
      }),
  );
}
