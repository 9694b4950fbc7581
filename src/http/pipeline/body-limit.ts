import type { IncomingMessage } from 'node:http';
import { ErrandError } from '../../core/errors.js';
import { tooLarge } from '../transport/exchange.js';
import type { HttpContext } from './app-deps.js';

export const DEFAULT_MAX_BODY_BYTES = 1_048_576;

/** The body as text. Throws `payload_too_large` without holding more than `maxBytes` of it. */
export async function readBody(c: HttpContext, maxBytes: number): Promise<string> {
  const length = c.req.header('content-length');
  if (length !== undefined) {
    // The HTTP parser holds bodies to the length that they announce.
    if (Number(length) > maxBytes) throw tooLarge(maxBytes);
    return await c.req.raw.text().catch(throwBroken);
  }
  const { incoming } = c.env;
  if (incoming !== undefined) return await readCounted(incoming, maxBytes);
  const text = await c.req.raw.text().catch(throwBroken);
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
  return text;
}

/**
 * A body of unknown length, in chunks. What is over the limit is dropped as it comes in: to destroy the request would
 * cut the connection before the answer is out.
 */
async function readCounted(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
        reject(tooLarge(maxBytes));
      }
    });
    incoming.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    incoming.once('error', () => reject(broken()));
    incoming.once('close', () => reject(broken()));
  });
}

function throwBroken(): never {
  throw broken();
}

function broken(): ErrandError {
  return new ErrandError('invalid_input', 'The body ended before it was complete.');
}
