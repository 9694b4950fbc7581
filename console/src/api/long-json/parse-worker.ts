import type { Json } from '@core/json.js';
import { toPieces, type Piece } from './pieces.js';

/** Reading a long text takes longer than a page may be busy: it is done beside it. */
export interface ParseRequest {
  readonly id: number;
  readonly bytes: ArrayBuffer;
}

self.addEventListener('message', ({ data: { id, bytes } }: MessageEvent<ParseRequest>) => {
  for (const piece of read(id, bytes)) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a worker, no window.
    self.postMessage(piece);
  }
});

function read(id: number, bytes: ArrayBuffer): Iterable<Piece> {
  try {
    return toPieces(id, JSON.parse(new TextDecoder().decode(bytes)) as Json);
  } catch {
    return [{ id, part: null }];
  }
}
