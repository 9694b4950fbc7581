import { readBytes } from '../../core/text/read-bytes.js';
import { ForbiddenAddress, type HostRange, type OutboundFetch } from '../../core/ports/outbound.js';
import type { Clock } from '../../core/ports/clock.js';

const MAX_BYTES = 20 * 1_024 * 1_024;
const MAX_REDIRECTS = 5;
const MAX_SECONDS = 60;

export interface FetchFileOptions {
  readonly fetch: OutboundFetch;
  /** Where files are fetched from. */
  readonly hosts: HostRange;
  readonly clock: Clock;
}

/**
 * Throws an UnfitFile for what would be no other the next time, what aborted the signal, or what went wrong on the way.
 */
export type FetchFile = (url: URL, signal: AbortSignal) => Promise<Buffer>;

/** A file that is not fetched, or not taken. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
}

/** Fetches files that others name. */
export function createFileFetcher({ fetch, hosts, clock }: FetchFileOptions): FetchFile {
  return async (url, signal) => {
    const stop = new AbortController();
    const abort = (): void => stop.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', abort, { once: true });
    const late = new Error(`it took longer than ${MAX_SECONDS} seconds`);
    const cancelTimer = clock.schedule(MAX_SECONDS * 1_000, () => stop.abort(late));
    try {
      return await follow({ url, fetch, hosts, signal: stop.signal });
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason;
      throw error instanceof ForbiddenAddress ? new UnfitFile(explain(error)) : error;
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    }
  };
}

function explain({ what, message, isInternal }: ForbiddenAddress): string {
  return isInternal ? `${what}, and files come from there only with ERRAND_MODEL_FILES=any` : message;
}

interface Fetching {
  readonly url: URL;
  readonly fetch: OutboundFetch;
  readonly hosts: HostRange;
  readonly signal: AbortSignal;
}

async function follow({ fetch, hosts, signal, ...params }: Fetching): Promise<Buffer> {
  let { url } = params;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    if (!/^https?:$/.test(url.protocol)) throw new UnfitFile(`only http: and https: are fetched, not ${url.protocol}`);
    const response = await fetch(url, { redirect: 'manual', hosts, signal });
    const { status, headers } = response;
    if (status >= 200 && status < 300) return readBody(response);
    await response.body?.cancel();
    const location = headers.get('location');
    if (![301, 302, 303, 307, 308].includes(status) || location === null) {
      const told = `fetching it answered ${status}`;
      throw status >= 500 ? new Error(told) : new UnfitFile(told);
    }
    if (!URL.canParse(location, url.href)) throw new UnfitFile('it redirects to what is no address');
    url = new URL(location, url);
  }
  throw new UnfitFile(`it redirects more than ${MAX_REDIRECTS} times`);
}

async function readBody(response: Response): Promise<Buffer> {
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > MAX_BYTES) await response.body?.cancel();
  const body = announced > MAX_BYTES ? null : await readBytes(response, MAX_BYTES);
  if (body !== null) return body;
  throw new UnfitFile('it has more than 20 MiB');
}
