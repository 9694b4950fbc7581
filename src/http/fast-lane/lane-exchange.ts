import type { Socket } from 'node:net';
import {
  tooLarge,
  withoutByteOrderMark,
  type AnswerStream,
  type Exchange,
  type HeaderFields,
} from '../transport/exchange.js';
import { onceClientEnds } from '../transport/heartbeat.js';
import type { PlainHead } from './read-request.js';
import { STATUS_CODES } from 'node:http';

interface LaneExchangeParams {
  readonly socket: Socket;
  readonly head: PlainHead;
  readonly body: string;
  readonly heads: ResponseHeads;
  readonly closing: AbortSignal;
  /** Called once, when the whole answer was handed to the socket. */
  readonly onAnswered: () => void;
}

/** An exchange that writes its answer straight into the socket. */
export class LaneExchange implements Exchange {
  readonly method = 'POST';
  readonly query = '';
  status = 0;
  /** Whether the connection ends after this answer. */
  isLast = false;
  readonly #params: LaneExchangeParams;
  #added: readonly string[] | null = null;
  #listeners: Set<() => void> | null = null;

  constructor(params: LaneExchangeParams) {
    this.#params = params;
  }

  get path(): string {
    return this.#params.head.path;
  }

  get closing(): AbortSignal {
    return this.#params.closing;
  }

  get peerAddress(): string | null {
    return this.#params.socket.remoteAddress ?? null;
  }

  get gone(): boolean {
    return !this.#params.socket.writable;
  }

  header(name: string): string | undefined {
    return this.#params.head.headers.get(name);
  }

  readText(maxBytes: number): Promise<string> {
    const { head, body } = this.#params;
    if (head.bodyLength > maxBytes) return Promise.reject(tooLarge(maxBytes));
    return Promise.resolve(withoutByteOrderMark(body));
  }

  /** Its paths read text: bytes that are no UTF-8 have been replaced. */
  async readBytes(maxBytes: number): Promise<Buffer> {
    return Buffer.from(await this.readText(maxBytes));
  }

  headers(): HeaderFields {
    return Object.fromEntries(this.#params.head.headers);
  }

  addFields(fields: HeaderFields): void {
    const added = Object.entries(fields).flat();
    this.#added = this.#added === null ? added : [...this.#added, ...added];
  }

  send(status: number, fields: readonly string[], body: string | Buffer): void {
    const { socket } = this.#params;
    const head = this.#headOf(status, fields);
    const length = status === 204 ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
    if (socket.writable) socket.write(`${head}${length}\r\n${body.toString()}`);
    this.#answered();
  }

  openStream(fields: HeaderFields): AnswerStream {
    const { socket } = this.#params;
    const head = this.#headOf(200, Object.entries(fields).flat());
    if (socket.writable) socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    return new ChunkedStream(socket, () => this.#answered());
  }

  #headOf(status: number, fields: readonly string[]): string {
    const { heads, closing } = this.#params;
    this.status = status;
    const all = this.#added === null ? fields : [...fields, ...this.#added];
    return heads.of(status, all, this.isLast || closing.aborted);
  }

  onceOver(listener: () => void): () => void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => void this.#listeners?.delete(listener);
  }

  destroy(): void {
    this.#params.socket.destroy();
  }

  /** The connection has closed. */
  over(): void {
    const listeners = this.#listeners;
    this.#listeners = null;
    for (const listener of listeners ?? []) listener();
  }

  #answered(): void {
    this.over();
    this.#params.onAnswered();
  }
}

class ChunkedStream implements AnswerStream {
  readonly #socket: Socket;
  readonly #onEnd: () => void;

  constructor(socket: Socket, onEnd: () => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
  }

  get gone(): boolean {
    return !this.#socket.writable;
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  onceClientEnds(listener: () => void): () => void {
    return onceClientEnds(this.#socket, listener);
  }

  write(text: string): void {
    if (text === '' || this.gone) return;
    this.#socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  }

  async untilRoom(): Promise<void> {
    const socket = this.#socket;
    if (!this.isFull || this.gone) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  end(): void {
    if (!this.gone) this.#socket.write('0\r\n\r\n');
    this.#onEnd();
  }
}

/**
 * Makes the heads of answers, up to their length. Those of the answers that are given all the time are made once a
 * second, with the date.
 */
export class ResponseHeads {
  readonly #kept = new Map<readonly string[], string>();
  readonly #now: () => number;
  readonly #keepAlive: string;
  #common = '';

  constructor(params: { readonly now: () => number; readonly keepAliveMs: number }) {
    this.#now = params.now;
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(params.keepAliveMs / 1_000)}\r\n`;
    this.refresh();
  }

  /** To be called once a second: RFC 9110, section 6.6.1, wants the date. */
  refresh(): void {
    this.#common = `Date: ${new Date(this.#now()).toUTCString()}\r\n`;
    this.#kept.clear();
  }

  /** `fields` are names and values in turn; a list that is always the same one is put together once. */
  of(status: number, fields: readonly string[], isLast: boolean): string {
    if (status !== 200 || isLast) return this.#make(status, fields, isLast);
    let head = this.#kept.get(fields);
    if (head === undefined) {
      head = this.#make(status, fields, isLast);
      if (this.#kept.size < 16) this.#kept.set(fields, head);
    }
    return head;
  }

  #make(status: number, fields: readonly string[], isLast: boolean): string {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    for (let index = 0; index < fields.length; index += 2) {
      const line = `${fields[index]}: ${fields[index + 1]}`;
      if (/[^\t\x20-\x7e]/.test(line)) throw new TypeError(`No header may be ${JSON.stringify(line)}`);
      head += `${line}\r\n`;
    }
    return head + this.#common + (isLast ? 'Connection: close\r\n' : this.#keepAlive);
  }
}
