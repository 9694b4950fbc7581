import type { Socket } from 'node:net';
import type { Exchange } from '../transport/exchange.js';
import { LaneExchange } from './lane-exchange.js';
import { PartialRequest } from './partial-request.js';
import { readRequest, type PlainHead } from './read-request.js';
import type { ResponseHeads } from './lane-exchange.js';

export interface LaneContext {
  readonly paths: ReadonlySet<string>;
  readonly heads: ResponseHeads;
  readonly closing: AbortSignal;
  /** What answers. */
  readonly app: { answer(exchange: Exchange): void };
  /** Gives the connection away, with what came in and was not answered. */
  readonly handOver: (socket: Socket, bytes: Buffer) => void;
}

/** Plain answers of the connection itself, before any request is read. It ends after them. */
const refusal = (status: string): string => `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`;
const BAD_REQUEST = refusal('400 Bad Request');
const TIMED_OUT = refusal('408 Request Timeout');
const HEAD_TOO_LONG = refusal('431 Request Header Fields Too Large');

/**
 * One connection in the fast lane.
 *
 * 1. One request is answered at a time; the next is read when the answer is out.
 * 2. The first request that is not plain takes the connection out of the lane, for good, before anything of it is
 *    answered.
 * 3. Nobody waits for a client that reads nothing: while it has no room for what it asked for, nothing more is read
 *    from it.
 * 4. A client that closes its sending half still gets its answer.
 */
export class LaneConnection {
  readonly #socket: Socket;
  readonly #context: LaneContext;
  readonly #onOver: () => void;
  #partial: PartialRequest | null = null;
  /** What came while a request was being answered. */
  #next: Buffer | null = null;
  #head: PlainHead | null = null;
  #exchange: LaneExchange | null = null;
  /** How many times it was looked at since a request began, was whole or was answered. */
  #looks = 0;
  readonly #data = (chunk: Buffer): void => this.#take(chunk);
  readonly #end = (): void => this.#clientEnded();
  readonly #error = (): void => undefined;
  readonly #close = (): void => {
    this.#onOver();
    this.#exchange?.over();
  };

  constructor(socket: Socket, context: LaneContext, onOver: () => void) {
    this.#socket = socket;
    this.#context = context;
    this.#onOver = onOver;
    socket.on('data', this.#data);
    socket.on('end', this.#end);
    socket.on('error', this.#error);
    socket.on('close', this.#close);
  }

  get isIdle(): boolean {
    return this.#exchange === null && this.#partial === null;
  }

  /** Counts how often it was looked at in this state, and gives that: for who looks after time-outs. */
  look(): { readonly what: 'idle' | 'begun' | 'answering'; readonly looks: number } {
    this.#looks += 1;
    const what = this.#exchange !== null ? 'answering' : this.#partial === null ? 'idle' : 'begun';
    return { what, looks: this.#looks };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** For a client that does not come to the end of its request. */
  timeOut(): void {
    this.#refuse(TIMED_OUT);
  }

  #take(chunk: Buffer): void {
    if (this.#exchange !== null) {
      // The next request before the answer to this one: it can wait.
      this.#next = this.#next === null ? chunk : Buffer.concat([this.#next, chunk]);
      this.#socket.pause();
    } else if (this.#partial === null) this.#read(chunk);
    else this.#takeBody(this.#partial, chunk);
  }

  #read(bytes: Buffer): void {
    const reading = readRequest(bytes, this.#context.paths, this.#head);
    switch (reading.kind) {
      case 'whole':
        this.#answer(reading.head, reading.body);
        break;
      case 'begun':
        this.#partial = new PartialRequest(reading.head, reading.body);
        this.#looks = 0;
        break;
      case 'head_too_long':
        this.#refuse(HEAD_TOO_LONG);
        break;
      case 'other':
        this.#leave(bytes);
    }
  }

  #takeBody(partial: PartialRequest, chunk: Buffer): void {
    if (!partial.take(chunk)) {
      this.#partial = null;
      this.#leave(Buffer.concat([partial.toBytes(), chunk]));
      return;
    }
    const { head, body } = partial;
    if (body === null) return;
    this.#partial = null;
    this.#answer(head, body);
  }

  #answer(head: PlainHead, body: string): void {
    const { heads, closing, app } = this.#context;
    this.#head = head;
    this.#looks = 0;
    this.#exchange = new LaneExchange({ socket: this.#socket, head, body, heads, closing, onAnswered: this.#answered });
    app.answer(this.#exchange);
  }

  readonly #answered = (): void => {
    const socket = this.#socket;
    const isLast = this.#exchange?.isLast === true;
    this.#exchange = null;
    this.#looks = 0;
    if (isLast || this.#context.closing.aborted) {
      socket.destroySoon();
      return;
    }
    const next = this.#next;
    if (next !== null) {
      this.#next = null;
      this.#leave(next);
    } else if (socket.writableNeedDrain) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  };

  #clientEnded(): void {
    if (this.#partial !== null) this.#refuse(BAD_REQUEST);
    else if (this.#exchange === null) this.#socket.end();
    else this.#exchange.isLast = true;
  }

  #refuse(answer: string): void {
    // What still comes is dropped.
    this.#socket.off('data', this.#data);
    this.#socket.end(answer);
    this.#socket.destroySoon();
  }

  #leave(bytes: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#data);
    socket.off('end', this.#end);
    socket.off('error', this.#error);
    socket.off('close', this.#close);
    this.#onOver();
    if (!socket.destroyed) this.#context.handOver(socket, bytes);
  }
}
