import { load, loadBuffer } from 'cheerio';
import { fail, networkReason } from './fail.js';
import { mapLimit } from './pool.js';
import { readLinks } from './references.js';
import { KEPT_HEADERS, packHtml, type Page, resolveUrl, type Site, trimHtml } from './site.js';
import { type Answer, MAX_BODY_BYTES, readRules, type Rules, SiteClient } from './site-client.js';

const PAGES_AT_A_TIME = 4;
const MAX_ROBOTS_CHARS = 50_000;
const MAX_SITEMAP_URLS = 500;
/** Of all pages' packed HTML together: a node's output is kept in the run's log. */
const MAX_PACKED_CHARS = 700_000;
const NO_PAGE = /\.(?:pdf|zip|gz|docx?|xlsx?|pptx?|jpe?g|png|gif|webp|avif|svg|ico|mp[34]|webm|css|js|json|xml|txt)$/i;

interface CrawlParams {
  readonly url: string;
  readonly maxPages: number;
  readonly signal: AbortSignal;
  readonly onPage: (read: number, url: string) => void;
}

interface FetchedPage {
  readonly asked: string;
  readonly page: Omit<Page, 'linked'>;
  readonly links: readonly string[];
}

/**
 * Reads the pages of one origin from `url` on, nearest links first, then those that only the sitemap names. The order of the
 * pages depends on the site alone, not on which answer comes first.
 */
export async function crawlSite(params: CrawlParams): Promise<Site> {
  const client = new SiteClient({ signal: params.signal });
  const start = await enterSite(client, params);
  const sitemap = await readSitemap(client, start);

  const fetched: FetchedPage[] = [];
  const seen = new Set([params.url, start.answer.url]);
  let queue: string[] = [];
  let room = MAX_PACKED_CHARS;
  const keep = ({ page, links, asked }: FetchedPage): void => {
    const fits = page.html !== null && page.html.length <= room;
    room -= fits ? (page.html?.length ?? 0) : 0;
    fetched.push({ asked, links, page: fits ? page : { ...page, html: null } });
    params.onPage(fetched.length, page.url);
    queue.push(...links.filter((url) => isCrawlable(url, start) && !seen.has(url)));
    for (const url of links) seen.add(url);
  };
  const readQueue = async (): Promise<void> => {
    while (queue.length > 0 && fetched.length < params.maxPages) {
      const batch = queue.splice(0, params.maxPages - fetched.length);
      for (const one of await mapLimit(batch, PAGES_AT_A_TIME, (url) => fetchPage(client, url))) {
        if (one === null || !isCrawlable(one.page.url, start)) continue;
        if (fetched.some(({ page }) => page.url === one.page.url)) continue;
        seen.add(one.page.url);
        keep(one);
      }
    }
  };

  keep(await readPage(start.answer, params.url));
  await readQueue();
  queue.push(...sitemap.filter((url) => !seen.has(url) && isCrawlable(url, start)));
  await readQueue();
  return {
    url: start.answer.url,
    origin: start.origin,
    robots: start.robots,
    sitemap,
    complete: queue.length === 0,
    pages: markLinked(fetched),
  };
}

/** A link from a page to itself doesn't count, and the first page needs none. */
function markLinked(fetched: readonly FetchedPage[]): Page[] {
  const targets = new Set(fetched.flatMap(({ page, links }) => links.filter((url) => url !== page.url)));
  return fetched.map(({ page, asked }, index) => ({
    ...page,
    linked: index === 0 || targets.has(asked) || targets.has(page.url),
  }));
}

interface Entrance {
  readonly answer: Answer;
  readonly origin: string;
  readonly robots: string;
  readonly rules: Rules;
}

/** The first page decides what the site is: `http://shop.example` may send everyone to `https://www.shop.example`. */
async function enterSite(client: SiteClient, params: CrawlParams): Promise<Entrance> {
  const asked = new URL(params.url);
  try {
    const first = await readRobots(client, asked.origin);
    assertAllowed(first.rules, params.url);
    const answer = await client.get(params.url, htmlBytes);
    const { origin } = new URL(answer.url);
    const { robots, rules } = origin === asked.origin ? first : await readRobots(client, origin);
    assertAllowed(rules, answer.url);
    assertPage(answer);
    client.slowDownTo(rules.crawlDelayMs);
    return { answer, origin, robots, rules };
  } catch (error) {
    params.signal.throwIfAborted();
    if (error instanceof Error && 'retryable' in error) throw error;
    const reason = networkReason(error);
    return fail(`${asked.origin} cannot be reached: ${reason}. Check the address and that this machine can reach it.`, {
      kind: 'network',
      retryable: reason !== 'ENOTFOUND',
      cause: error,
    });
  }
}

async function readRobots(client: SiteClient, origin: string): Promise<{ robots: string; rules: Rules }> {
  const url = `${origin}/robots.txt`;
  const answer = await client.get(url, MAX_ROBOTS_CHARS);
  // RFC 9309, 2.3.1.4: a robots.txt that is there but cannot be had forbids everything.
  if (answer.status >= 500) {
    fail(`${url} answers ${answer.status}, so no page of the site may be read.`, { kind: 'http_5xx', retryable: true });
  }
  const robots = answer.status < 300 ? answer.body.toString() : '';
  return { robots, rules: readRules(origin, robots) };
}

function assertAllowed(rules: Rules, url: string): void {
  if (rules.isAllowed(url)) return;
  fail(`${new URL(url).origin}/robots.txt does not allow robots to read ${url}.`, { kind: 'robots', retryable: false });
}

function assertPage({ url, status, headers }: Answer): void {
  if (status !== 200) {
    const retryable = status >= 500 || status === 429;
    fail(`${url} answers ${status}, so there is nothing to examine.`, {
      kind: `http_${status < 500 ? 4 : 5}xx`,
      retryable,
    });
  }
  if (!isHtml(headers)) {
    const type = headers.get('content-type') ?? 'no content type';
    fail(`${url} is no HTML page (${type}), so there is nothing to examine.`, { kind: 'no_html', retryable: false });
  }
}

async function readSitemap(client: SiteClient, { origin, rules }: Entrance): Promise<string[]> {
  const url = rules.sitemaps.find((each) => URL.canParse(each)) ?? `${origin}/sitemap.xml`;
  try {
    const answer = await client.get(url);
    if (answer.status !== 200) return [];
    const $ = load(answer.body.toString(), { xml: true });
    const urls = $('urlset > url > loc')
      .toArray()
      .map((element) => resolveUrl($(element).text(), origin))
      .filter((each) => each !== null && new URL(each).origin === origin);
    return [...new Set(urls as string[])].slice(0, MAX_SITEMAP_URLS);
  } catch {
    client.assertGoing();
    return [];
  }
}

function isCrawlable(url: string, { origin, rules }: Entrance): boolean {
  const target = new URL(url);
  return target.origin === origin && !NO_PAGE.test(target.pathname) && rules.isAllowed(url);
}

/** Null when what is there is no HTML page. */
async function fetchPage(client: SiteClient, asked: string): Promise<FetchedPage | null> {
  try {
    const answer = await client.get(asked, htmlBytes);
    return isHtml(answer.headers) || answer.status >= 400 ? await readPage(answer, asked) : null;
  } catch (error) {
    client.assertGoing();
    const none = { status: 0, ms: 0, bytes: 0, title: null, headers: {}, cookies: [], html: null };
    return { asked, page: { url: asked, error: networkReason(error), ...none }, links: [] };
  }
}

async function readPage(answer: Answer, asked: string): Promise<FetchedPage> {
  const { url, status, ms, headers } = answer;
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value.slice(0, 2_000)] as const];
  });
  const cookies = headers.getSetCookie().map((cookie) => cookie.replace(/^([^=;]*)=[^;]*/, '$1='));
  const facts = { url, status, ms, error: null, bytes: answer.body.length, cookies };
  const page = { ...facts, headers: Object.fromEntries(kept) };
  if (!isHtml(headers)) return { asked, page: { ...page, title: null, html: null }, links: [] };
  const $ = loadBuffer(answer.body, { encoding: { defaultEncoding: 'utf-8' } });
  const title = $('head > title').first().text().trim().slice(0, 500);
  const links = status === 200 ? readLinks($, url) : [];
  return { asked, links, page: { ...page, title: title === '' ? null : title, html: await packHtml(trimHtml($)) } };
}

function htmlBytes(headers: Headers): number {
  return isHtml(headers) ? MAX_BODY_BYTES : 0;
}

function isHtml(headers: Headers): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '');
}
