import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Clock } from '../core/ports/clock.js';

const MOST_BYTES = 20 * 1_024 * 1_024;
const MOST_REDIRECTS = 5;
const MOST_SECONDS = 60;

/** Every address of a host name. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: Error | null, found: LookupAddress[]) => void,
) => void;

export interface FetchFileOptions {
  /** Whether an address may be connected to. */
  readonly allows: (address: string) => boolean;
  readonly clock: Clock;
  /** The system's when not given. */
  readonly lookup?: Lookup;
}

/** Throws an UnfitFile for what would be no other the next time, what aborted the signal, or what went wrong on the way. */
export type FetchFile = (url: URL, signal: AbortSignal) => Promise<Buffer>;

/** A file that is not fetched, or not taken. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
}

/**
 * Fetches files that others name, from hosts all of whose addresses are allowed. Every connection, those that redirects lead to included, looks its host up
 * once, and what is checked is what is connected to, so that a name cannot point elsewhere in between.
 */
export function createFileFetcher(options: FetchFileOptions): FetchFile {
  const { allows, clock, lookup = systemLookup } = options;
  return async (url, signal) => {
    const stop = new AbortController();
    const abort = (): void => stop.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', abort, { once: true });
    const late = new Error(`it took longer than ${MOST_SECONDS} seconds`);
    const cancelTimer = clock.schedule(MOST_SECONDS * 1_000, () => stop.abort(late));
    try {
      return await follow({ url, allows, lookup, signal: stop.signal });
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason;
      throw error;
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    }
  };
}

interface Fetching {
  readonly url: URL;
  readonly allows: FetchFileOptions['allows'];
  readonly lookup: Lookup;
  readonly signal: AbortSignal;
}

async function follow(params: Fetching): Promise<Buffer> {
  let { url } = params;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await ask({ ...params, url });
    const { statusCode: status = 0, headers } = response;
    if (status >= 200 && status < 300) return readBody(response, params.signal);
    response.destroy();
    if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) {
      const told = `fetching it answered ${status}`;
      throw status >= 500 ? new Error(told) : new UnfitFile(told);
    }
    if (!URL.canParse(headers.location, url.href)) throw new UnfitFile('it redirects to what is no address');
    url = new URL(headers.location, url);
  }
  throw new UnfitFile(`it redirects more than ${MOST_REDIRECTS} times`);
}

/** One request on a connection of its own: one that is kept open for others was not checked for this. */
function ask({ url, allows, lookup, signal }: Fetching): Promise<IncomingMessage> {
  const request = REQUESTS[url.protocol];
  if (request === undefined) throw new UnfitFile(`only http: and https: are fetched, not ${url.protocol}`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // What is an address already is not looked up.
  if (isIP(host) !== 0 && !allows(host)) throw internal(`${host} is`);
  const checked: LookupFunction = (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const [first] = error === null ? found : [];
      if (error !== null || first === undefined) done(error ?? new Error(`${hostname} has no address`), '');
      else if (!found.every(({ address }) => allows(address))) done(internal(`${hostname} leads to`), '');
      else if (options.all === true) done(null, found);
      else done(null, first.address, first.family);
    });
  };
  return new Promise((answered, failed) => {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'errand' };
    request(url, { agent: false, lookup: checked, headers, signal }, answered).on('error', failed).end();
  });
}

const REQUESTS: { readonly [protocol: string]: typeof requestHttp | typeof requestHttps | undefined } = {
  'http:': requestHttp,
  'https:': requestHttps,
};

/** Which address it is, is not told: names of the inside are nobody's business. */
function internal(what: string): UnfitFile {
  return new UnfitFile(`${what} an internal address, and files come from there only with ERRAND_MODEL_FILES=any`);
}

async function readBody(response: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
  const tooLong = new UnfitFile('it has more than 20 MiB');
  if (Number(response.headers['content-length'] ?? 0) > MOST_BYTES) {
    response.destroy();
    throw tooLong;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      size += chunk.byteLength;
      if (size <= MOST_BYTES) chunks.push(chunk);
      done(size <= MOST_BYTES ? null : tooLong);
    },
  });
  await pipeline([response, ...decoders(response), sink], { signal });
  return Buffer.concat(chunks, size);
}

/** Some servers compress whatever they are asked for. */
function decoders({ headers }: IncomingMessage): readonly Transform[] {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return [];
  const decoder = DECODERS[encoding];
  if (decoder === undefined) throw new UnfitFile(`it comes in an encoding that is not known: ${encoding.slice(0, 40)}`);
  return [decoder()];
}

const DECODERS: { readonly [encoding: string]: (() => Transform) | undefined } = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
