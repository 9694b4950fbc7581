import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { BrokenBody } from '../core/ports/outbound.js';

/** The encodings that are asked for. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

type Chunks = AsyncIterable<Uint8Array>;
type Decoder = ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>;

const DECODERS: { readonly [encoding: string]: (() => Decoder) | undefined } = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body as it was before it was compressed. Breaks with a BrokenBody when it ends too early; what comes in an
 * encoding that is not known is left as it is.
 */
export function decodeBody(body: Readable, contentEncoding: string | null): Chunks {
  let decoded: Chunks = body;
  for (const encoding of (contentEncoding ?? '').toLowerCase().split(',').toReversed()) {
    const name = encoding.trim();
    if (name === '' || name === 'identity') continue;
    const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name]?.() : undefined;
    if (decoder === undefined) return decoded;
    decoded = decode(decoded, decoder);
  }
  return decoded;
}

async function* decode(chunks: Chunks, decoder: Decoder): AsyncGenerator<Uint8Array> {
  try {
    yield* pipeline(chunks, decoder, () => undefined) as Chunks;
  } catch (error) {
    if (!isOfDecoder(error)) throw error;
    // Where there is no body at all, servers name an encoding all the same.
    if (decoder.bytesWritten > 0) throw new BrokenBody(error);
  }
}

/** zlib's errors have a number, as those of the system do, but tell no system call. */
function isOfDecoder(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && !('syscall' in error);
}

/** As `fetch` gives bodies. `destroy` is called when nobody wants the rest. */
export function toWebStream(chunks: Chunks, destroy: () => void): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: destroy,
    },
    { highWaterMark: 0 },
  );
}
