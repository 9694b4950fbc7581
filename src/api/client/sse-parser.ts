export interface SseMessage {
  /** The last `id:` seen on the stream, this message's own included; null before the first. */
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads a server-sent event stream as it arrives, in pieces cut anywhere, by the rules of the HTML standard (section
 * 9.2.6): lines end in LF, CR or CRLF, comments are dropped, a message without data is none, and one that the stream's
 * end cuts off is dropped.
 */
export class SseParser {
  #pieces: string[] = [];
  #afterCr = false;
  #started = false;
  #id: string | null = null;
  #event = '';
  #data: string[] = [];

  push(chunk: string): SseMessage[] {
    let text = chunk;
    if (!this.#started && text !== '') {
      this.#started = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    if (this.#afterCr && text !== '') {
      this.#afterCr = false;
      if (text.startsWith('\n')) text = text.slice(1);
    }
    const messages: SseMessage[] = [];
    let from = 0;
    for (const end of text.matchAll(/\r\n|\n|\r/g)) {
      const line = this.#pieces.join('') + text.slice(from, end.index);
      this.#pieces = [];
      from = end.index + end[0].length;
      if (end[0] === '\r' && from === text.length) this.#afterCr = true;
      const message = this.#readLine(line);
      if (message !== null) messages.push(message);
    }
    if (from < text.length) this.#pieces.push(text.slice(from));
    return messages;
  }

  #readLine(line: string): SseMessage | null {
    if (line === '') return this.#finishMessage();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const rest = colon === -1 ? '' : line.slice(colon + 1);
    const value = rest.startsWith(' ') ? rest.slice(1) : rest;
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #finishMessage(): SseMessage | null {
    const data = this.#data;
    const event = this.#event === '' ? 'message' : this.#event;
    this.#data = [];
    this.#event = '';
    return data.length === 0 ? null : { id: this.#id, event, data: data.join('\n') };
  }
}
