import { ErrandError } from '../../core/errors.js';

export type HeaderFields = Readonly<Record<string, string>>;

/**
 * One request and the answering of it, whatever brought it: Node's HTTP server or the fast lane. There is as little
 * between it and the socket as can be, for what is asked thousands of times a second.
 */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** What stands behind the question mark; empty when nothing does. */
  readonly query: string;
  /** Aborts when the server stops. */
  readonly closing: AbortSignal;
  /** The address at the other end of the connection, a proxy's when there is one; null once it has gone. */
  readonly peerAddress: string | null;
  /** By its name in lower case; undefined when it is not there. */
  header(name: string): string | undefined;
  /**
   * The body as text. Rejects with `payload_too_large` without holding more than `maxBytes` of it. Never resolves when
   * the client goes away before.
   */
  readText(maxBytes: number): Promise<string>;
  /** The body as it came; as `readText` does. */
  readBytes(maxBytes: number): Promise<Buffer>;
  /** All headers, by their names in lower case. */
  headers(): HeaderFields;
  /** Has the answer carry these too, whatever it is. */
  addFields(fields: HeaderFields): void;
  /** Sends the whole answer. `fields` are names and values in turn; the length is added. */
  send(status: number, fields: readonly string[], body: string | Buffer): void;
  /** Begins an answer that comes piece by piece. */
  openStream(fields: HeaderFields): AnswerStream;
  /** 0 before anything was sent. */
  readonly status: number;
  /** Whether there is nobody to answer any more. */
  readonly gone: boolean;
  /** Calls `listener` when the connection closes, or the answer is out; returns what undoes that. */
  onceOver(listener: () => void): () => void;
  /** Cuts the connection. */
  destroy(): void;
}

export interface AnswerStream {
  readonly gone: boolean;
  /** Whether more is on its way than the client has room for. */
  readonly isFull: boolean;
  /**
   * Calls `listener` once the client has closed its sending half, or soon when it has already; returns what undoes
   * that.
   */
  onceClientEnds(listener: () => void): () => void;
  write(text: string | Buffer): void;
  /** Resolves when the client has room again, or has gone. */
  untilRoom(): Promise<void>;
  end(): void;
}

/** How the client reached the server: `http://localhost:8787`. Throws `invalid_input` when its Host header is none. */
export function readOrigin(exchange: Exchange): string {
  try {
    return new URL(`http://${exchange.header('host') ?? ''}`).origin;
  } catch {
    throw new ErrandError('invalid_input', 'The Host header cannot be read.');
  }
}

/** Characters, or bytes. A body that is longer is decoded and parsed over several turns of the event loop. */
export const LONG_BODY = 2_000_000;

export function tooLarge(maxBytes: number): ErrandError {
  return new ErrandError('payload_too_large', `The body is larger than ${maxBytes} bytes.`);
}

const BYTE_ORDER_MARK = 0xfe_ff;

export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}
