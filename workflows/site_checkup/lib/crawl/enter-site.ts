import type { OutboundFetch } from 'errand';
import { fail, networkReason } from '../fail.js';
import { readSitemapUrls } from './page-reader.js';
import { keepDirectives, readRules, type Rules } from './robots.js';
import { resolveUrl } from '../site.js';
import { type Answer, MAX_BODY_BYTES, ROBOT_NAME, type SiteClient } from './site-client.js';

const MAX_ROBOTS_CHARS = 50_000;

/** What a crawl asks others with, and for how long. */
export interface Reach {
  readonly fetch: OutboundFetch;
  readonly signal: AbortSignal;
}

export interface Entrance {
  readonly answer: Answer;
  readonly origin: string;
  readonly robots: string;
  readonly rules: Rules;
}

/** The first page decides what the site is: `http://shop.example` may send everyone to `https://www.shop.example`. */
export async function enterSite(client: SiteClient, url: string): Promise<Entrance> {
  const asked = new URL(url);
  try {
    const first = await readRobots(client, asked.origin);
    assertAllowed(first.rules, url);
    const answer = await client.get(url, htmlBytes);
    const { origin } = new URL(answer.url);
    const { robots, rules } = origin === asked.origin ? first : await readRobots(client, origin);
    assertAllowed(rules, answer.url);
    assertPage(answer);
    client.slowDownTo(rules.crawlDelayMs);
    return { answer, origin, robots, rules };
  } catch (error) {
    client.assertGoing();
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
  const answer = await client.get(url, MAX_ROBOTS_CHARS, { follows: (target) => isSameSite(new URL(origin), target) });
  // RFC 9309, 2.3.1.4: a robots.txt that is there but cannot be had forbids everything.
  if (answer.status >= 500) {
    fail(`${url} answers ${answer.status}, so no page of the site may be read.`, { kind: 'http_5xx', retryable: true });
  }
  const robots = answer.status < 300 ? keepDirectives(answer.body.toString()) : '';
  return { robots, rules: readRules({ origin, robots, robot: ROBOT_NAME }) };
}

/** The same host, with or without `www.`, on the same port or on the usual ones: what another site says is nothing about this one. */
function isSameSite(one: URL, other: URL): boolean {
  const nameOf = ({ hostname }: URL): string => hostname.replace(/^www\./, '');
  return nameOf(one) === nameOf(other) && one.port === other.port;
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

/** The pages of the site that its sitemap lists; none when it cannot be had. */
export async function readSitemap(
  client: SiteClient,
  { origin, rules }: Entrance,
  signal: AbortSignal,
): Promise<string[]> {
  const url = rules.sitemaps.find((each) => URL.canParse(each)) ?? `${origin}/sitemap.xml`;
  try {
    const answer = await client.get(url);
    if (answer.status !== 200) return [];
    const urls = (await readSitemapUrls(answer.body, signal))
      .map((each) => resolveUrl(each, origin))
      .filter((each) => each !== null && new URL(each).origin === origin);
    return [...new Set(urls as string[])];
  } catch {
    client.assertGoing();
    return [];
  }
}

/** As many bytes as are read of an answer: none when it is no page. */
export function htmlBytes(headers: Headers): number {
  return isHtml(headers) ? MAX_BODY_BYTES : 0;
}

export function isHtml(headers: Headers): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '');
}
