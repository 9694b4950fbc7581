import type { HandlerContext } from 'errand';
import { crawlSite } from '../lib/crawl/crawl-site.js';
import type { Site } from '../lib/site.js';

export interface CrawlInput {
  readonly url: string;
  readonly max_pages: number;
}

/** Reads the site once, for all agents. */
export default async function crawl(ctx: HandlerContext<CrawlInput>): Promise<Site> {
  const { url, max_pages: maxPages } = ctx.input;
  const site = await crawlSite({
    url: new URL(url).href,
    maxPages,
    fetch: ctx.fetch,
    signal: ctx.signal,
    onPage: (read, page) => ctx.progress(Math.round((100 * read) / maxPages), `Read ${new URL(page).pathname}`),
  });
  ctx.progress(100, `Read ${site.pages.length} of at most ${maxPages} pages`);
  return site;
}
