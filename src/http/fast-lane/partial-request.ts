import { headBytes, type PlainHead } from './read-request.js';

/**
 * A request whose head has come and whose body has not come whole. Its room grows by doubling: a body of many small
 * chunks costs time in proportion to its length, and a body that was only announced holds no memory.
 */
export class PartialRequest {
  readonly head: PlainHead;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(head: PlainHead, body: Buffer) {
    this.head = head;
    this.#append(body);
  }

  /** False, and nothing taken, when this is more than the rest of the body. */
  take(chunk: Buffer): boolean {
    if (this.#length + chunk.length > this.head.bodyLength) return false;
    this.#append(chunk);
    return true;
  }

  /** The body once it is whole, else null. */
  get body(): string | null {
    return this.#length === this.head.bodyLength ? this.#bytes.toString('utf8', 0, this.#length) : null;
  }

  /** All that has come, as it came. */
  toBytes(): Buffer {
    return Buffer.concat([headBytes(this.head), this.#bytes.subarray(0, this.#length)]);
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const bytes = Buffer.allocUnsafe(Math.min(this.head.bodyLength, Math.max(1_024, 2 * length)));
      this.#bytes.copy(bytes, 0, 0, this.#length);
      this.#bytes = bytes;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }
}
