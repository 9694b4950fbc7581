import { setTimeout as delay } from 'node:timers/promises';
import type { OutboundFetch } from 'errand';

/** What robots.txt knows us by. */
export const ROBOT_NAME = 'ErrandSiteCheckup';
const USER_AGENT = `${ROBOT_NAME}/1.0`;
const FETCH_TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 5;
/** However slow a robots.txt asks robots to be: a checkup has a time limit of its own. */
const MAX_CRAWL_DELAY_MS = 1_000;
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

export interface Answer {
  /** Where the redirects, if any, led. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** From the request to the answer's headers, the last hop alone. */
  readonly ms: number;
  /** Cut at the size limit; empty unless it was asked for. */
  readonly body: Buffer;
  readonly cut: boolean;
}

export function isWebUrl(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

interface RequestOptions {
  readonly method: 'GET' | 'HEAD';
  /** How many bytes of the body to read; 0 leaves it unread. */
  readonly maxBytes: number | ((headers: Headers, status: number) => number);
  /** Whether a redirect is followed that leads there; what is not followed is the answer. All are when not given. */
  readonly follows?: (target: URL) => boolean;
}

/** Talks to one site, on the internet: with a time-out on each request, redirects followed by hand, and the site's crawl delay kept. */
export class SiteClient {
  readonly #fetch: OutboundFetch;
  readonly #signal: AbortSignal;
  #crawlDelayMs = 0;
  #nextStart = 0;

  constructor(params: { readonly fetch: OutboundFetch; readonly signal: AbortSignal; readonly crawlDelayMs?: number }) {
    this.#fetch = params.fetch;
    this.#signal = params.signal;
    this.slowDownTo(params.crawlDelayMs ?? 0);
  }

  /** Throws when the work is to stop, so that a request that was cut off is not taken for the site's fault. */
  assertGoing(): void {
    this.#signal.throwIfAborted();
  }

  slowDownTo(crawlDelayMs: number): void {
    this.#crawlDelayMs = Math.min(crawlDelayMs, MAX_CRAWL_DELAY_MS);
  }

  get(
    url: string,
    maxBytes: RequestOptions['maxBytes'] = MAX_BODY_BYTES,
    options: Pick<RequestOptions, 'follows'> = {},
  ): Promise<Answer> {
    return this.#request(url, { method: 'GET', maxBytes, ...options });
  }

  /** Asks for the headers alone; a server that refuses that is asked with GET, its body left unread. */
  async head(url: string): Promise<Answer> {
    const answer = await this.#request(url, { method: 'HEAD', maxBytes: 0 }).catch(() => null);
    this.assertGoing();
    return answer !== null && answer.status < 400 ? answer : this.get(url, 0);
  }

  async #request(url: string, options: RequestOptions): Promise<Answer> {
    let target = url;
    for (let hop = 0; ; hop++) {
      if (!isWebUrl(target)) throw new Error(`${target} is neither http nor https`);
      const answer = await this.#requestOnce(target, options);
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || location === null) return answer;
      if (hop === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
      const next = new URL(location, target);
      if (options.follows?.(next) === false) return answer;
      target = next.href;
    }
  }

  async #requestOnce(url: string, options: RequestOptions): Promise<Answer> {
    await this.#waitForTurn();
    const started = performance.now();
    const response = await this.#fetch(url, {
      method: options.method,
      redirect: 'manual',
      hosts: 'public',
      headers: { 'user-agent': USER_AGENT, accept: 'text/html,*/*;q=0.8' },
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
    });
    const ms = Math.round(performance.now() - started);
    const { maxBytes } = options;
    const limit = typeof maxBytes === 'number' ? maxBytes : maxBytes(response.headers, response.status);
    const { body, cut } = await readBody(response, limit);
    return { url, status: response.status, headers: response.headers, ms, body, cut };
  }

  async #waitForTurn(): Promise<void> {
    this.assertGoing();
    if (this.#crawlDelayMs === 0) return;
    const now = performance.now();
    const start = Math.max(now, this.#nextStart);
    this.#nextStart = start + this.#crawlDelayMs;
    if (start > now) await delay(start - now, undefined, { signal: this.#signal });
  }
}

async function readBody(response: Response, maxBytes: number): Promise<{ body: Buffer; cut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    if (maxBytes === 0) {
      await response.body.cancel();
    } else {
      // Leaving the loop early cancels the rest of the body.
      for await (const chunk of response.body) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) break;
      }
    }
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBytes), cut: size > maxBytes };
}
