const HEAD_BYTES = 4;
/** More than any batch of messages that are within the limits on values. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** A text as bytes, after its length in bytes (UInt32BE). */
export function encodeFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > MAX_FRAME_BYTES) throw new RangeError(`a message of ${length} bytes is too long`);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, HEAD_BYTES);
  return frame;
}

/** Puts frames together from the pieces in which they come. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /** The texts of the frames that are whole now. Throws a RangeError for one that is too long. */
  read(piece: Buffer): string[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const texts: string[] = [];
    for (;;) {
      const wanted = this.#wanted();
      if (wanted === null || this.#length < wanted) return texts;
      const whole = this.#join();
      texts.push(whole.toString('utf8', HEAD_BYTES, wanted));
      this.#pieces = whole.length === wanted ? [] : [whole.subarray(wanted)];
      this.#length = whole.length - wanted;
    }
  }

  /** How many bytes the next frame has, its head included; null when that is not known yet. */
  #wanted(): number | null {
    if (this.#length < HEAD_BYTES) return null;
    const first = this.#pieces[0];
    const length = (first !== undefined && first.length >= HEAD_BYTES ? first : this.#join()).readUInt32BE(0);
    if (length > MAX_FRAME_BYTES) throw new RangeError(`a message of ${length} bytes is too long`);
    return HEAD_BYTES + length;
  }

  #join(): Buffer {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) return first;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}
