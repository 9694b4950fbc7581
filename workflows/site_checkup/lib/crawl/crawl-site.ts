import { type Entrance, enterSite, htmlBytes, isHtml, type Reach, readSitemap } from './enter-site.js';
import { errorText, fail, networkReason } from '../fail.js';
import { takeWanted } from './pace.js';
import { readHtml } from './page-reader.js';
import { mapLimit } from './pool.js';
import { KEPT_HEADERS, packHtml, type Page, type Site } from '../site.js';
import { type Answer, SiteClient } from './site-client.js';

const PAGES_AT_A_TIME = 4;
/** Of all pages' packed HTML together: a node's output is kept in the run's log. */
const MAX_PACKED_CHARS = 700_000;
/** Links that are remembered, and of those that may still be read. */
const MAX_LINKS = 20_000;
/** Pages that could not be read in their time, after which the site is given up: others wait for the thread. */
const MAX_UNREADABLE = 3;
const NO_PAGE = /\.(?:pdf|zip|gz|docx?|xlsx?|pptx?|jpe?g|png|gif|webp|avif|svg|ico|mp[34]|webm|css|js|json|xml|txt)$/i;

interface CrawlParams extends Reach {
  readonly url: string;
  readonly maxPages: number;
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
  const { fetch, signal, maxPages } = params;
  const client = new SiteClient({ fetch, signal });
  const start = await enterSite(client, params.url);
  const sitemap = await readSitemap(client, start, signal);
  const crawl = new Crawl(client, start, params);
  await crawl.begin();
  await crawl.readQueue();
  crawl.enqueue(sitemap);
  await crawl.readQueue();
  return {
    url: start.answer.url,
    origin: start.origin,
    robots: start.robots,
    sitemap,
    complete: crawl.fetched.length < maxPages || (await crawl.isAtEnd()),
    pages: markLinked(crawl.fetched),
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

class Crawl {
  readonly fetched: FetchedPage[] = [];
  readonly #client: SiteClient;
  readonly #start: Entrance;
  readonly #params: CrawlParams;
  readonly #seen: Set<string>;
  /** Links that nobody has looked at yet, whether they may be read. */
  readonly #queue: string[] = [];
  #room = MAX_PACKED_CHARS;
  #unreadable = 0;

  constructor(client: SiteClient, start: Entrance, params: CrawlParams) {
    this.#client = client;
    this.#start = start;
    this.#params = params;
    this.#seen = new Set([params.url, start.answer.url]);
  }

  async begin(): Promise<void> {
    this.#keep(await this.#readPage(this.#start.answer, this.#params.url));
  }

  async readQueue(): Promise<void> {
    const { maxPages } = this.#params;
    while (this.#queue.length > 0 && this.fetched.length < maxPages) {
      const batch = await this.#take(maxPages - this.fetched.length);
      for (const one of await mapLimit(batch, PAGES_AT_A_TIME, (url) => this.#fetchPage(url))) {
        if (one === null || !this.#isCrawlable(one.page.url)) continue;
        if (this.fetched.some(({ page }) => page.url === one.page.url)) continue;
        this.#seen.add(one.page.url);
        this.#keep(one);
      }
    }
  }

  enqueue(urls: readonly string[]): void {
    for (const url of urls) {
      if (this.#seen.has(url) || this.#seen.size >= MAX_LINKS) continue;
      this.#seen.add(url);
      this.#queue.push(url);
    }
  }

  /** Whether nothing is left that may be read. */
  async isAtEnd(): Promise<boolean> {
    return (await this.#take(1)).length === 0;
  }

  #keep({ page, links, asked }: FetchedPage): void {
    const fits = page.html !== null && page.html.length <= this.#room;
    this.#room -= fits ? (page.html?.length ?? 0) : 0;
    this.fetched.push({ asked, links, page: fits ? page : { ...page, html: null } });
    this.#params.onPage(this.fetched.length, page.url);
    this.enqueue(links);
  }

  /** The next of the queue that may be read. */
  async #take(most: number): Promise<string[]> {
    const { signal } = this.#params;
    let looked = 0;
    const taken = await takeWanted(this.#queue, {
      most,
      wants: (url) => {
        looked += 1;
        return this.#isCrawlable(url);
      },
      signal,
    });
    this.#queue.splice(0, looked);
    return taken;
  }

  #isCrawlable(url: string): boolean {
    const { origin, rules } = this.#start;
    const target = new URL(url);
    return target.origin === origin && !NO_PAGE.test(target.pathname) && rules.isAllowed(url);
  }

  /** Null when what is there is no HTML page. */
  async #fetchPage(asked: string): Promise<FetchedPage | null> {
    let answer: Answer;
    try {
      answer = await this.#client.get(asked, htmlBytes);
    } catch (error) {
      this.#client.assertGoing();
      const none = { status: 0, ms: 0, bytes: 0, title: null, headers: {}, cookies: [], html: null };
      return { asked, page: { url: asked, error: networkReason(error), ...none }, links: [] };
    }
    return isHtml(answer.headers) || answer.status >= 400 ? this.#readPage(answer, asked) : null;
  }

  async #readPage(answer: Answer, asked: string): Promise<FetchedPage> {
    const { url, status, headers, body } = answer;
    const unread = { ...factsOf(answer), title: null, html: null };
    if (!isHtml(headers)) return { asked, page: unread, links: [] };
    try {
      const { title, links, html, cut } = await readHtml(body, url, this.#params.signal);
      const page = { ...unread, title, html: await packHtml(html), ...(cut ? { read: 'in part' as const } : {}) };
      return { asked, links: status === 200 ? links : [], page };
    } catch (error) {
      this.#client.assertGoing();
      this.#unreadable += 1;
      // Without its first page there is nothing to say of a site.
      if (this.fetched.length > 0 && this.#unreadable < MAX_UNREADABLE) {
        return { asked, page: { ...unread, read: 'not at all' }, links: [] };
      }
      return fail(`${url} is too large or nests too deep to be read: ${errorText(error)}. The site was given up.`, {
        kind: 'unreadable_page',
        retryable: false,
      });
    }
  }
}

/** What the answer tells of a page besides what stands in it. */
function factsOf({ url, status, ms, headers, body }: Answer): Omit<Page, 'linked' | 'title' | 'html'> {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value.slice(0, 2_000)] as const];
  });
  const cookies = headers.getSetCookie().map((cookie) => cookie.replace(/^([^=;]*)=[^;]*/, '$1=').slice(0, 2_000));
  return { url, status, error: null, ms, bytes: body.length, cookies, headers: Object.fromEntries(kept) };
}
