import { createWriteStream } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { Outbound } from '../../../core/ports/outbound.js';
import { EMPTY_HASH, encodePart, sha256, signRequest, type S3Keys } from './sign.js';

/** A bucket of a store that speaks S3, and where in it. */
export interface S3Place {
  /** `https://s3.eu-central-1.amazonaws.com`: what the bucket's name is added to as a path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What names of objects begin with: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly keys: S3Keys;
}

/** Smaller files go in one request. Stores want parts of at least 5 MiB, and no more than 10,000 of them. */
const PART_BYTES = 16 * 1024 * 1024;
const MAX_PARTS = 9_000;
const ANSWER_MS = 5 * 60_000;
const MAX_TRIES = 4;
const FIRST_PAUSE_MS = 500;
/** Answers that are no objects are short. */
const MAX_ANSWER = 4 * 1024 * 1024;

interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Without the prefix; null: the bucket itself. */
  readonly name: string | null;
  readonly query?: { readonly [name: string]: string };
  readonly body?: Buffer;
}

/** The few calls of S3 that backups need: list, put (in parts), get and remove. */
export class S3Bucket {
  readonly #place: S3Place;
  readonly #outbound: Outbound;
  readonly #partBytes: number;

  /** `partBytes`: for tests. */
  constructor(place: S3Place, outbound: Outbound, partBytes: number = PART_BYTES) {
    this.#place = place;
    this.#outbound = outbound;
    this.#partBytes = partBytes;
  }

  /** The names of all objects, without the prefix. */
  async list(): Promise<readonly string[]> {
    const { prefix } = this.#place;
    const names: string[] = [];
    for (let token: string | null = ''; token !== null;) {
      const query = { 'list-type': '2', prefix, ...(token === '' ? {} : { 'continuation-token': token }) };
      const xml = await this.#ask({ method: 'GET', name: null, query });
      names.push(...valuesOf(xml, 'Key').map((key) => key.slice(prefix.length)));
      token = valuesOf(xml, 'IsTruncated')[0] === 'true' ? (valuesOf(xml, 'NextContinuationToken')[0] ?? null) : null;
    }
    return names;
  }

  async put(name: string, path: string): Promise<void> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size <= this.#partBytes) {
        await this.#ask({ method: 'PUT', name, body: await readPart(file, 0, size) });
      } else await this.#putParts(name, file, size);
    } finally {
      await file.close();
    }
  }

  /** Writes it to a file that is not there yet. */
  async get(name: string, path: string): Promise<void> {
    const response = await this.#send({ method: 'GET', name }, null);
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    try {
      const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      await pipeline(Readable.fromWeb((response.body ?? new Response('').body) as ReadableStream), target);
      const { size } = await stat(path);
      if (Number.isFinite(length) && size !== length) throw new Error(`it ended after ${size} of ${length} bytes`);
    } catch (error) {
      await rm(path, { force: true });
      throw new ErrandError('unavailable', `${this.#named(name)} could not be read: ${errorMessage(error)}.`);
    }
  }

  async remove(name: string): Promise<void> {
    await this.#ask({ method: 'DELETE', name });
  }

  async #putParts(name: string, file: FileHandle, size: number): Promise<void> {
    const partBytes = Math.max(this.#partBytes, Math.ceil(size / MAX_PARTS));
    const begun = await this.#ask({ method: 'POST', name, query: { uploads: '' } });
    const [uploadId] = valuesOf(begun, 'UploadId');
    if (uploadId === undefined) throw new ErrandError('unavailable', `${this.#named(name)} could not be begun.`);
    try {
      const parts: string[] = [];
      for (let from = 0; from < size; from += partBytes) {
        const body = await readPart(file, from, Math.min(partBytes, size - from));
        const query = { partNumber: String(parts.length + 1), uploadId };
        const { headers } = await this.#send({ method: 'PUT', name, query, body });
        parts.push(headers.get('etag') ?? '');
      }
      const list = parts.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
      const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`);
      const ended = await this.#ask({ method: 'POST', name, query: { uploadId }, body });
      // What fails while the parts are put together comes with status 200.
      if (ended.includes('<Error>')) throw this.#failure(name, 200, ended);
    } catch (error) {
      // Parts that nobody puts together are paid for all the same.
      await this.#ask({ method: 'DELETE', name, query: { uploadId } }).catch(() => undefined);
      throw error;
    }
  }

  async #ask(asked: Asked): Promise<string> {
    return readText(await this.#send(asked));
  }

  /** Tries again what may go through the next time. */
  async #send(asked: Asked, answerMs: number | null = ANSWER_MS): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const last = tries === MAX_TRIES;
      try {
        const response = await this.#sendOnce(asked, answerMs);
        if (response.ok) return response;
        const text = await readText(response);
        if (last || (response.status < 500 && response.status !== 429)) {
          throw this.#failure(asked.name, response.status, text);
        }
      } catch (error) {
        if (error instanceof ErrandError) throw error;
        const message = `${this.#named(asked.name)} could not be reached: ${reasonOf(error)}.`;
        if (last) throw new ErrandError('unavailable', message, { cause: error });
      }
      await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  #sendOnce({ method, name, query = {}, body }: Asked, answerMs: number | null): Promise<Response> {
    const { endpoint, region, bucket, prefix, keys } = this.#place;
    const path = [bucket, ...(name === null ? [] : (prefix + name).split('/'))].map(encodePart).join('/');
    const url = new URL(`${endpoint.replace(/\/$/, '')}/${path}`);
    const search = Object.entries(query).map(([key, value]) => `${encodePart(key)}=${encodePart(value)}`);
    url.search = search.join('&');
    const bodyHash = body === undefined ? EMPTY_HASH : sha256(body);
    const headers = signRequest({ method, url, region, headers: {}, bodyHash }, keys, new Date());
    return this.#outbound.fetch(url, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      ...(answerMs === null ? {} : { signal: AbortSignal.timeout(answerMs) }),
    });
  }

  #failure(name: string | null, status: number, text: string): ErrandError {
    const [code = `status ${status}`] = valuesOf(text, 'Code');
    const [message = ''] = valuesOf(text, 'Message');
    const hint =
      HINTS[code] ?? (status >= 300 && status < 400 ? ' Set ERRAND_S3_REGION to the region of the bucket.' : '');
    const said = `${this.#named(name)}: the store says ${code}${message === '' ? '' : `, "${message}"`}.${hint}`;
    return new ErrandError(status === 404 ? 'not_found' : 'unavailable', said);
  }

  #named(name: string | null): string {
    const { bucket, prefix } = this.#place;
    return `s3://${bucket}/${prefix}${name ?? ''}`;
  }
}

/** What to do about what stores say. */
const HINTS: { readonly [code: string]: string | undefined } = {
  SignatureDoesNotMatch: ' Look at ERRAND_S3_SECRET_ACCESS_KEY and ERRAND_S3_REGION.',
  InvalidAccessKeyId: ' Look at ERRAND_S3_ACCESS_KEY_ID.',
  AccessDenied: ' The key needs leave to list the bucket, and to get, put and delete objects below the prefix.',
  NoSuchBucket: ' Make the bucket, or look at ERRAND_BACKUP_TO and ERRAND_S3_ENDPOINT.',
  RequestTimeTooSkewed: " Set this machine's clock.",
};

async function readPart(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const part = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(part, at, length - at, from + at);
    if (bytesRead === 0) throw new Error('the file has become shorter while it was read');
    at += bytesRead;
  }
  return part;
}

async function readText(response: Response): Promise<string> {
  const text = await response.text();
  return text.slice(0, MAX_ANSWER);
}

/** What elements of this name hold. S3's answers have no attributes in those that are asked for, and none is nested. */
function valuesOf(xml: string, element: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text = '']) => decodeXml(text));
}

function decodeXml(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name] ?? whole;
  });
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause === undefined ? errorMessage(error) : `${errorMessage(error)} (${errorMessage(cause)})`;
}
