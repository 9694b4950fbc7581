import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import type { CheerioAPI } from 'cheerio';
// The parser that reads well-formed pages alone: the whole package takes four times as long to load.
import { load } from 'cheerio/slim';

/** What the crawl found: the output of the node `crawl` and the input of every agent. */
export interface Site {
  /** The page that the crawl began with, after redirects. */
  readonly url: string;
  readonly origin: string;
  /** The text of robots.txt; empty when there is none. */
  readonly robots: string;
  /** The pages of this origin that the site's sitemap lists. */
  readonly sitemap: readonly string[];
  /** False when there were more pages than the crawl was allowed. */
  readonly complete: boolean;
  readonly pages: readonly Page[];
}

export interface Page {
  readonly url: string;
  /** 0 when there was no answer; `error` then says why. */
  readonly status: number;
  readonly error: string | null;
  /** From the request to the answer's headers. */
  readonly ms: number;
  /** The HTML's size before it was trimmed, decompressed. */
  readonly bytes: number;
  /** False when no other page links here: only the sitemap names it. */
  readonly linked: boolean;
  readonly title: string | null;
  /** Those of `KEPT_HEADERS` that the page came with. */
  readonly headers: { readonly [name: string]: string };
  /** The page's Set-Cookie headers without the cookies' values. */
  readonly cookies: readonly string[];
  /** Trimmed, compressed with Brotli, in base64; null when the page is no HTML, could not be read, or there was no room for it. */
  readonly html: string | null;
  /** When not all of the page was read: it is too large, or nests too deep. */
  readonly read?: 'in part' | 'not at all';
}

/** A page that answered with HTML, opened. */
export interface OpenPage {
  readonly page: Page;
  readonly html: string;
  readonly $: CheerioAPI;
}

export const KEPT_HEADERS = [
  'cache-control',
  'content-encoding',
  'content-length',
  'content-security-policy',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'permissions-policy',
  'referrer-policy',
  'server',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'x-powered-by',
  'x-robots-tag',
];

export async function packHtml(html: string): Promise<string> {
  const packed = await promisify(brotliCompress)(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return packed.toString('base64');
}

/**
 * Opens the pages that answered well and with HTML one after the other; the event loop turns between them. What they hold is well-formed and bounded (see
 * `readHtml`), and is read by a parser whose work is in proportion to its length.
 */
export async function* openPages(site: Site, signal: AbortSignal): AsyncGenerator<OpenPage> {
  for (const page of site.pages) {
    signal.throwIfAborted();
    if (page.html === null || page.status !== 200) continue;
    const html = (await promisify(brotliDecompress)(Buffer.from(page.html, 'base64'))).toString();
    // Several agents open the same page at the same moment: each in a turn of its own.
    await nextTurn();
    yield { page, html, $: load(html, { xml: { xmlMode: false } }) };
  }
}

/** How many pages `openPages` gives, for progress. */
export function countOpenPages(site: Site): number {
  return site.pages.filter((page) => page.html !== null && page.status === 200).length;
}

/** Absolute, without fragment; null when it is no http or https address. */
export function resolveUrl(href: string, base: string): string | null {
  if (!URL.canParse(href.trim(), base)) return null;
  const url = new URL(href.trim(), base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  url.hash = '';
  return url.href;
}

/** What relative addresses in the page are relative to. */
export function baseOf($: CheerioAPI, pageUrl: string): string {
  const href = $('base[href]').attr('href');
  return (href === undefined ? null : resolveUrl(href, pageUrl)) ?? pageUrl;
}

export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
