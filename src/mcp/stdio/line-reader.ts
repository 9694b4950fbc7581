export type Line =
  | { readonly kind: 'line'; readonly text: string }
  /** It was longer than is taken, and all but its ends is gone. */
  | { readonly kind: 'too_long'; readonly head: string; readonly tail: string };

const NEWLINE = 0x0a;
/** Enough for what a message says of itself beside its params. */
const END_BYTES = 300;

/** Bytes as they come to lines of UTF-8 text, blank ones left out. Holds no more of a line than `maxBytes`. */
export class LineReader {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;
  #tail: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array | string): Line[] {
    const bytes =
      typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const lines: Line[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.#take(bytes.subarray(from, end));
      lines.push(...this.end());
      from = end + 1;
    }
    if (from < bytes.length) this.#take(bytes.subarray(from));
    return lines;
  }

  /** What came after the last line break. */
  end(): Line[] {
    const line = this.#finish();
    this.#pieces = [];
    this.#size = 0;
    this.#tail = Buffer.alloc(0);
    return line === null ? [] : [line];
  }

  #take(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#maxBytes) {
      this.#pieces.push(piece);
      return;
    }
    if (this.#tail.length === 0 && this.#pieces.length > 0) {
      const kept = Buffer.concat(this.#pieces);
      this.#pieces = [Buffer.from(kept.subarray(0, END_BYTES))];
      this.#tail = kept.subarray(-END_BYTES);
    }
    if (this.#pieces.length === 0) this.#pieces = [Buffer.from(piece.subarray(0, END_BYTES))];
    // Copied, as a view would keep the whole chunk.
    this.#tail = Buffer.concat([this.#tail, piece.subarray(-END_BYTES)]).subarray(-END_BYTES);
  }

  #finish(): Line | null {
    const text = Buffer.concat(this.#pieces).toString('utf8');
    if (this.#size > this.#maxBytes) {
      return { kind: 'too_long', head: text, tail: this.#tail.toString('utf8').trimEnd() };
    }
    const line = text.replace(/^\uFEFF/, '').trim();
    return line === '' ? null : { kind: 'line', text: line };
  }
}
