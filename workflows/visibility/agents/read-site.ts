import type { HandlerContext } from 'errand';
import { readShopSite, type ShopSite } from '../lib/site/shop-site.js';

export interface ReadSiteInput {
  readonly url: string;
  readonly max_pages: number;
}

/** Reads the shop's site once, for all agents. */
export default function readSite(ctx: HandlerContext<ReadSiteInput>): Promise<ShopSite> {
  const { url, max_pages: maxPages } = ctx.input;
  return readShopSite({
    url,
    maxPages,
    fetch: ctx.fetch,
    signal: ctx.signal,
    onPage: (read, page) => ctx.progress(Math.round((100 * read) / maxPages), `Read ${new URL(page).pathname}`),
  });
}
