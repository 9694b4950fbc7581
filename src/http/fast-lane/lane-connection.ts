import type { Socket } from 'node:net';
import type { Exchange } from '../transport/exchange.js';
import { LaneExchange } from './lane-exchange.js';
import { readRequest, type PlainHead } from './read-request.js';
import type { ResponseHeads } from './response-heads.js';

export interface LaneContext {
  readonly paths: ReadonlySet<string>;
  readonly heads: ResponseHeads;
  readonly closing: AbortSignal;
  readonly answer: (exchange: Exchange) => void;
  /** Gives the connection away, with what came in and was not answered. */
  readonly handOver: (socket: Socket, bytes: Buffer) => void;
}

/**
 * One connection in the fast lane.
 *
 * 1. One request is answered at a time; the next is read when the answer is out.
 * 2. The first request that is not plain takes the connection out of the lane, for good, before anything of it is answered.
 * 3. Nobody waits for a client that reads nothing: while it has no room for what it asked for, nothing more is read from it.
 */
export class LaneConnection {
  readonly #socket: Socket;
  readonly #context: LaneContext;
  readonly #onOver: () => void;
  /** What has come of a request that is not whole yet, or came while another one was being answered. */
  #received: Buffer | null = null;
  #head: PlainHead | null = null;
  #exchange: LaneExchange | null = null;
  /** How many times it was looked at since something last happened. */
  #looks = 0;
  readonly #data = (chunk: Buffer): void => this.#take(chunk);
  readonly #end = (): void => void this.#socket.end();
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
    return this.#exchange === null && this.#received === null;
  }

  /** Counts how often nothing has happened, and gives that: for who looks after time-outs. */
  look(): { readonly what: 'idle' | 'begun' | 'answering'; readonly looks: number } {
    this.#looks += 1;
    const what = this.#exchange !== null ? 'answering' : this.#received === null ? 'idle' : 'begun';
    return { what, looks: this.#looks };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** For a client that does not come to the end of its request. */
  timeOut(): void {
    this.#socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    this.#socket.destroySoon();
  }

  #take(chunk: Buffer): void {
    this.#looks = 0;
    const bytes = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#exchange !== null) {
      // The next request before the answer to this one: it can wait.
      this.#received = bytes;
      this.#socket.pause();
      return;
    }
    this.#read(bytes);
  }

  #read(bytes: Buffer): void {
    const { paths, heads, closing, answer } = this.#context;
    const reading = readRequest(bytes, paths, this.#head);
    if (reading.kind === 'begun') {
      this.#received = bytes;
      return;
    }
    this.#received = null;
    if (reading.kind === 'other') {
      this.#leave(bytes);
      return;
    }
    this.#head = reading.head;
    const { head, body } = reading;
    this.#exchange = new LaneExchange({ socket: this.#socket, head, body, heads, closing, onAnswered: this.#answered });
    answer(this.#exchange);
  }

  readonly #answered = (): void => {
    const socket = this.#socket;
    this.#exchange = null;
    this.#looks = 0;
    if (this.#context.closing.aborted) {
      socket.destroySoon();
      return;
    }
    const received = this.#received;
    if (received !== null) {
      this.#received = null;
      this.#leave(received);
    } else if (socket.writableNeedDrain) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  };

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
