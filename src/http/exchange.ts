import type { IncomingMessage, ServerResponse } from 'node:http';
import { ErrandError } from '../core/errors.js';
import { SECURITY_HEADERS, type HeaderFields } from './responses.js';

/** One request on Node's own terms, and the answering of it: for what is asked thousands of times a second. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Without the query. */
  readonly path: string;
  /** Aborts when the server stops. */
  readonly closing: AbortSignal;
}

/** Resolves once the answer is handed over; what it throws is answered as an internal error. */
export type ExchangeHandler = (exchange: Exchange) => void | Promise<void>;

export function headerOf({ incoming }: Exchange, name: string): string | undefined {
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** How the client reached the server: `http://localhost:8787`. Throws `invalid_input` when its Host header is none. */
export function originOf(exchange: Exchange): string {
  try {
    return new URL(`http://${headerOf(exchange, 'host') ?? ''}`).origin;
  } catch {
    throw new ErrandError('invalid_input', 'The Host header cannot be read.');
  }
}

const JSON_FIELDS = Object.entries({ 'content-type': 'application/json', ...SECURITY_HEADERS }).flat();

/** `text` is JSON already. */
export function sendJson({ outgoing }: Exchange, text: string, status = 200, headers?: HeaderFields): void {
  // Name and value in turn: copies of objects with more in them are slow to make.
  const fields = [...JSON_FIELDS, 'content-length', String(Buffer.byteLength(text))];
  if (headers !== undefined) for (const [name, value] of Object.entries(headers)) fields.push(name, value);
  outgoing.writeHead(status, fields);
  outgoing.end(text);
}

export function sendEmpty({ outgoing }: Exchange, status: 202 | 204, headers?: HeaderFields): void {
  outgoing.writeHead(status, { ...SECURITY_HEADERS, ...headers, ...(status === 204 ? {} : { 'content-length': 0 }) });
  outgoing.end();
}

/**
 * The body as text. Rejects with `payload_too_large` without holding more than `maxBytes` of it. What is over the limit is dropped as it comes
 * in: to destroy the request would cut the connection before the answer is out. Never resolves when the client goes away before.
 */
export function readText({ incoming }: Exchange, maxBytes: number): Promise<string> {
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
    incoming.once('end', () => resolve(toText(first, others)));
  });
}

const BYTE_ORDER_MARK = 0xfe_ff;

function toText(first: Buffer | null, others: readonly Buffer[]): string {
  if (first === null) return '';
  const bytes = others.length === 0 ? first : Buffer.concat([first, ...others]);
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

function tooLarge(maxBytes: number): ErrandError {
  return new ErrandError('payload_too_large', `The body is larger than ${maxBytes} bytes.`);
}
