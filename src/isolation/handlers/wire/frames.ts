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
  /** The beginning of a frame that is not whole. */
  #pieces: Buffer[] = [];
  #length = 0;

  /** The texts of the frames that are whole now. The piece may be written over after that. Throws a RangeError for a frame that is too long. */
  read(piece: Buffer): string[] {
    if (this.#length === 0) return this.#split(piece);
    this.#keep(piece);
    const wanted = this.#wanted();
    if (wanted === null || this.#length < wanted) return [];
    const whole = this.#join();
    this.#pieces = [];
    this.#length = 0;
    return this.#split(whole);
  }

  #split(bytes: Buffer): string[] {
    const texts: string[] = [];
    let from = 0;
    for (let end = endOfFrame(bytes, from); end !== null && end <= bytes.length; end = endOfFrame(bytes, from)) {
      texts.push(bytes.toString('utf8', from + HEAD_BYTES, end));
      from = end;
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from));
    return texts;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#length += piece.length;
  }

  /** How many bytes the next frame has, its head included; null when that is not known yet. */
  #wanted(): number | null {
    if (this.#length < HEAD_BYTES) return null;
    const first = this.#pieces[0];
    return endOfFrame(first !== undefined && first.length >= HEAD_BYTES ? first : this.#join(), 0);
  }

  #join(): Buffer {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) return first;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}

/** Where the frame ends that begins at `from`; null when there is too little of it to know. */
function endOfFrame(bytes: Buffer, from: number): number | null {
  if (bytes.length - from < HEAD_BYTES) return null;
  const length = bytes.readUInt32BE(from);
  if (length > MAX_FRAME_BYTES) throw new RangeError(`a message of ${length} bytes is too long`);
  return from + HEAD_BYTES + length;
}
