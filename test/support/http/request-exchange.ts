import type { Pipeline } from '../../../src/http/pipeline/pipeline.js';
import {
  tooLarge,
  withoutByteOrderMark,
  type AnswerStream,
  type Exchange,
  type HeaderFields,
} from '../../../src/http/transport/exchange.js';

const NEVER_CLOSING = new AbortController().signal;

/**
 * The server's answer to a request, MCP and REST alike, without a socket. Rejects when the server would cut the
 * connection.
 */
export async function answerWithoutSocket(app: Pipeline, request: Request, closing = NEVER_CLOSING): Promise<Response> {
  const exchange = new RequestExchange(request, closing);
  app.answer(exchange);
  return await exchange.response;
}

/** An exchange over a `Request`. The `Response` is there once the answer has begun. */
export class RequestExchange implements Exchange {
  readonly path: string;
  readonly query: string;
  readonly closing: AbortSignal;
  readonly peerAddress = '127.0.0.1';
  readonly response: Promise<Response>;
  status = 0;
  gone = false;
  readonly #request: Request;
  readonly #added = new Headers();
  readonly #listeners = new Set<() => void>();
  #resolve: (response: Response) => void = () => undefined;
  #reject: (reason: Error) => void = () => undefined;

  constructor(request: Request, closing = NEVER_CLOSING) {
    this.#request = request;
    const { pathname, search } = new URL(request.url);
    this.path = pathname;
    this.query = search.slice(1);
    this.closing = closing;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    request.signal.addEventListener('abort', () => this.destroy());
  }

  get method(): string {
    return this.#request.method;
  }

  header(name: string): string | undefined {
    if (name === 'host') return this.#request.headers.get(name) ?? new URL(this.#request.url).host;
    return this.#request.headers.get(name) ?? undefined;
  }

  headers(): HeaderFields {
    return Object.fromEntries(this.#request.headers);
  }

  async readText(maxBytes: number): Promise<string> {
    return withoutByteOrderMark((await this.readBytes(maxBytes)).toString('utf8'));
  }

  async readBytes(maxBytes: number): Promise<Buffer> {
    const bytes = Buffer.from(await this.#request.arrayBuffer());
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    return bytes;
  }

  addFields(fields: HeaderFields): void {
    for (const [name, value] of Object.entries(fields)) this.#added.set(name, value);
  }

  send(status: number, fields: readonly string[], body: string | Buffer): void {
    const headers = this.#headersOf(fields);
    if (status !== 204) headers.set('content-length', String(Buffer.byteLength(body)));
    this.status = status;
    this.#resolve(
      new Response(body === '' ? null : typeof body === 'string' ? body : new Uint8Array(body), { status, headers }),
    );
    this.#over();
  }

  openStream(fields: HeaderFields): AnswerStream {
    const stream = new BodyStream(() => this.destroy());
    this.status = 200;
    this.onceOver(() => stream.leave());
    this.#resolve(new Response(stream.body, { headers: this.#headersOf(Object.entries(fields).flat()) }));
    return stream;
  }

  onceOver(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  destroy(): void {
    this.gone = true;
    this.#reject(new Error('the connection was cut'));
    this.#over();
  }

  #headersOf(fields: readonly string[]): Headers {
    const headers = new Headers(this.#added);
    for (let index = 0; index < fields.length; index += 2) headers.set(fields[index] ?? '', fields[index + 1] ?? '');
    return headers;
  }

  #over(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}

class BodyStream implements AnswerStream {
  readonly body: ReadableStream<Uint8Array>;
  gone = false;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #onRoom: () => void = () => undefined;

  constructor(onCancel: () => void) {
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#onRoom(),
      cancel: onCancel,
    });
  }

  get isFull(): boolean {
    return (this.#controller?.desiredSize ?? 0) <= 0;
  }

  /** The sending half of a request that is whole says nothing of whether its client is still there. */
  onceClientEnds(): () => void {
    return () => undefined;
  }

  write(text: string): void {
    if (!this.gone) this.#controller?.enqueue(this.#encoder.encode(text));
  }

  async untilRoom(): Promise<void> {
    if (!this.isFull || this.gone) return;
    await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  end(): void {
    if (!this.gone) this.#controller?.close();
    this.leave();
  }

  leave(): void {
    this.gone = true;
    this.#onRoom();
  }
}
