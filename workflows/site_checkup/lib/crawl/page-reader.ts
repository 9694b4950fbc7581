import { ThreadQueue } from '../thread-queue.js';
import { resolveUrl } from '../site.js';

export interface ReadHtml {
  readonly title: string | null;
  /** Where its links lead to, absolute, each once. */
  readonly links: readonly string[];
  /** What agents look at: well-formed, without scripts, styles and comments. */
  readonly html: string;
  /** True when the page is too long or nests too deep, and only its beginning was read. */
  readonly cut: boolean;
}

type Job = { readonly kind: 'page' | 'sitemap'; readonly bytes: Uint8Array };
type Answer =
  (Omit<ReadHtml, 'links'> & { readonly base: string | null; readonly links: readonly string[] }) | string[];

const LIMIT_MS = 5_000;

const queue = new ThreadQueue<Job, Answer>({
  workerUrl: new URL('./page-worker.mjs', import.meta.url),
  limitMs: LIMIT_MS,
  what: 'reading it',
});

/** Reads a page in a thread of its own. Rejects when that takes too long or needs too much memory. */
export async function readHtml(body: Buffer, url: string, signal: AbortSignal): Promise<ReadHtml> {
  const answer = await queue.run({ kind: 'page', bytes: body }, signal);
  if (Array.isArray(answer)) throw new TypeError('the thread answered something else');
  const base = (answer.base === null ? null : resolveUrl(answer.base, url)) ?? url;
  const links = answer.links.map((href) => resolveUrl(href, base)).filter((link) => link !== null);
  const { title, html, cut } = answer;
  return { title, html, cut, links: [...new Set(links)] };
}

/** The addresses of a sitemap, as they are written. */
export async function readSitemapUrls(body: Buffer, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await queue.run({ kind: 'sitemap', bytes: body }, signal);
  return Array.isArray(answer) ? answer : [];
}
