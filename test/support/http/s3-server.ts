import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export const S3_KEY = 'AKIAIOSFODNN7EXAMPLE';
export const S3_SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
export const S3_REGION = 'eu-test-1';

/** More objects than this come on several pages. */
const PAGE = 2;

interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: { readonly [name: string]: string };
}

/**
 * A store that speaks S3 over HTTP: one bucket in memory, whose requests must be signed by Signature Version 4, with the
 * hash of their body. Parts, pages and errors are as AWS documents them.
 */
export class S3Server {
  readonly objects = new Map<string, Buffer>();
  /** Uploads in parts that were neither completed nor given up. */
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** Method and address of each request. */
  readonly requests: string[] = [];
  /** So many of the next requests are answered with 503. */
  failures = 0;
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(({ status, body = '', headers = {} }) => {
      response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body);
    });
  });

  static async start(): Promise<S3Server> {
    const server = new S3Server();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', this.endpoint);
    const body = await buffer(request);
    this.requests.push(`${request.method} ${request.url}`);
    if (this.failures > 0) {
      this.failures -= 1;
      return fail(503, 'SlowDown', 'Please reduce your request rate.');
    }
    const refusal = checkSignature(request, url, body);
    if (refusal !== null) return refusal;
    const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (bucket !== 'backups') return fail(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const key = rest.join('/');
    if (key === '') return this.#list(url.searchParams);
    return this.#objectCall(request.method ?? '', key, url.searchParams, body);
  }

  #list(query: URLSearchParams): Answer {
    const after = query.get('continuation-token') ?? '';
    const all = [...this.objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).toSorted();
    const left = all.filter((key) => key > after);
    const page = left.slice(0, PAGE);
    const more = left.length > page.length;
    const contents = page.map((key) => `<Contents><Key>${escapeXml(key)}</Key><Size>1</Size></Contents>`).join('');
    const next = more ? `<NextContinuationToken>${escapeXml(page.at(-1) ?? '')}</NextContinuationToken>` : '';
    const xml = `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`;
    return { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` };
  }

  #objectCall(method: string, key: string, query: URLSearchParams, body: Buffer): Answer {
    const uploadId = query.get('uploadId');
    if (uploadId !== null) return this.#partCall(method, key, { uploadId, number: query.get('partNumber') }, body);
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${this.uploads.size + 1}&more`;
      this.uploads.set(id, new Map());
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult><UploadId>${escapeXml(id)}</UploadId></InitiateMultipartUploadResult>`,
      };
    }
    const object = this.objects.get(key);
    if (method === 'PUT') this.objects.set(key, body);
    else if (method === 'DELETE') this.objects.delete(key);
    else if (object === undefined) return fail(404, 'NoSuchKey', 'The specified key does not exist.');
    else return { status: 200, body: object };
    return { status: method === 'DELETE' ? 204 : 200, headers: { etag: tagOf(body) } };
  }

  #partCall(
    method: string,
    key: string,
    { uploadId, number }: { readonly uploadId: string; readonly number: string | null },
    body: Buffer,
  ): Answer {
    const parts = this.uploads.get(uploadId);
    if (parts === undefined) return fail(404, 'NoSuchUpload', 'The specified upload does not exist.');
    if (method === 'PUT') {
      parts.set(Number(number), body);
      return { status: 200, headers: { etag: tagOf(body) } };
    }
    this.uploads.delete(uploadId);
    if (method === 'DELETE') return { status: 204 };
    const named = [...String(body).matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag><\/Part>/g)];
    const chosen = named.map(([, part = '', tag = '']) => ({ data: parts.get(Number(part)), tag }));
    if (chosen.some(({ data, tag }) => data === undefined || tagOf(data) !== tag)) {
      return { status: 200, body: '<Error><Code>InvalidPart</Code><Message>A part is missing.</Message></Error>' };
    }
    this.objects.set(key, Buffer.concat(chosen.flatMap(({ data }) => data ?? [])));
    return { status: 200, body: '<CompleteMultipartUploadResult/>' };
  }
}

/** By the description of the signature, from the request as it came; null when it is right. */
function checkSignature(request: IncomingMessage, url: URL, body: Buffer): Answer | null {
  const { headers } = request;
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  const [, key, day = '', region = '', names = '', signature] = given ?? [];
  if (given === null) return fail(403, 'AccessDenied', 'Access Denied');
  if (key !== S3_KEY) return fail(403, 'InvalidAccessKeyId', 'The key does not exist.');
  const hash = createHash('sha256').update(body).digest('hex');
  if (headers['x-amz-content-sha256'] !== hash) return fail(400, 'XAmzContentSHA256Mismatch', 'The hash is another.');
  for (const needed of ['host', 'x-amz-date', 'x-amz-content-sha256'])
    if (!names.split(';').includes(needed)) return fail(403, 'AccessDenied', `${needed} is not signed.`);
  // The query as it came: its names and values are encoded already.
  const query = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '')
    .toSorted()
    .join('&');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const canonical = `${request.method}\n${url.pathname}\n${query}\n${lines.join('')}\n${names}\n${hash}`;
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const sign = (secret: string | Buffer, part: string): Buffer => createHmac('sha256', secret).update(part).digest();
  const signingKey = sign(sign(sign(sign(`AWS4${S3_SECRET}`, day), region), 's3'), 'aws4_request');
  if (region === S3_REGION && sign(signingKey, text).toString('hex') === signature) return null;
  return fail(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match.');
}

function fail(status: number, code: string, message: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body };
}

function tagOf(data: Buffer): string {
  return `"${createHash('md5').update(data).digest('hex')}"`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
