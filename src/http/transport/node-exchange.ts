import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { decodeInTurns } from '../../core/large-json/decode-in-turns.js';
import {
  LONG_BODY,
  tooLarge,
  withoutByteOrderMark,
  type AnswerStream,
  type Exchange,
  type HeaderFields,
} from './exchange.js';
import { onceClientEnds } from './heartbeat.js';

/** An exchange over Node's own request and response. */
export class NodeExchange implements Exchange {
  readonly path: string;
  readonly query: string;
  readonly closing: AbortSignal;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;

  constructor(params: {
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
    readonly path: string;
    readonly query: string;
    readonly closing: AbortSignal;
  }) {
    this.#incoming = params.incoming;
    this.#outgoing = params.outgoing;
    this.path = params.path;
    this.query = params.query;
    this.closing = params.closing;
  }

  get method(): string {
    return this.#incoming.method ?? '';
  }

  get peerAddress(): string | null {
    return this.#incoming.socket.remoteAddress ?? null;
  }

  get status(): number {
    return this.#outgoing.headersSent ? this.#outgoing.statusCode : 0;
  }

  get gone(): boolean {
    return this.#outgoing.destroyed;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  headers(): HeaderFields {
    const entries = Object.entries(this.#incoming.headers);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  }

  async readText(maxBytes: number): Promise<string> {
    const bytes = await this.readBytes(maxBytes);
    return withoutByteOrderMark(bytes.length <= LONG_BODY ? bytes.toString('utf8') : await decodeInTurns(bytes));
  }

  /**
   * What is over the limit is dropped as it comes in: to destroy the request would cut the connection before the answer
   * is out.
   */
  readBytes(maxBytes: number): Promise<Buffer> {
    const incoming = this.#incoming;
    return new Promise((resolve, reject) => {
      // The HTTP parser holds bodies to the length that they announce.
      if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
        reject(tooLarge(maxBytes));
        return;
      }
      let first: Buffer | null = null;
      let others: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) {
          first = null;
          others = [];
          reject(tooLarge(maxBytes));
        } else if (first === null) {
          first = chunk;
        } else {
          others.push(chunk);
        }
      });
      incoming.once('end', () => resolve(joinPieces(first, others)));
    });
  }

  addFields(fields: HeaderFields): void {
    // What is set before is written with what `writeHead` is given.
    for (const [name, value] of Object.entries(fields)) this.#outgoing.setHeader(name, value);
  }

  send(status: number, fields: readonly string[], body: string | Buffer): void {
    const length = status === 204 ? [] : ['content-length', String(Buffer.byteLength(body))];
    this.#outgoing.writeHead(status, [...fields, ...length]);
    this.#outgoing.end(body === '' ? undefined : body);
  }

  openStream(fields: HeaderFields): AnswerStream {
    this.#outgoing.writeHead(200, fields);
    this.#outgoing.flushHeaders();
    return new NodeAnswerStream(this.#outgoing, this.#incoming.socket);
  }

  onceOver(listener: () => void): () => void {
    this.#outgoing.once('close', listener);
    return () => this.#outgoing.off('close', listener);
  }

  destroy(): void {
    this.#outgoing.destroy();
  }
}

class NodeAnswerStream implements AnswerStream {
  readonly #outgoing: ServerResponse;
  readonly #socket: Socket;
  readonly #gone = new AbortController();

  constructor(outgoing: ServerResponse, socket: Socket) {
    this.#outgoing = outgoing;
    this.#socket = socket;
    outgoing.once('close', () => this.#gone.abort());
  }

  get gone(): boolean {
    return this.#outgoing.destroyed;
  }

  get isFull(): boolean {
    return this.#outgoing.writableNeedDrain;
  }

  onceClientEnds(listener: () => void): () => void {
    return onceClientEnds(this.#socket, listener);
  }

  write(text: string | Buffer): void {
    this.#outgoing.write(text);
  }

  async untilRoom(): Promise<void> {
    if (!this.isFull || this.gone) return;
    await once(this.#outgoing, 'drain', this.#gone).catch(() => undefined);
  }

  end(): void {
    this.#outgoing.end();
  }
}

function joinPieces(first: Buffer | null, others: readonly Buffer[]): Buffer {
  if (first === null) return Buffer.alloc(0);
  return others.length === 0 ? first : Buffer.concat([first, ...others]);
}
