import { STATUS_CODES } from 'node:http';

/** Makes the heads of answers, up to their length. Those of the answers that are given all the time are made once a second, with the date. */
export class ResponseHeads {
  readonly #kept = new Map<readonly string[], string>();
  readonly #now: () => number;
  readonly #keepAlive: string;
  #common = '';

  constructor(params: { readonly now: () => number; readonly keepAliveMs: number }) {
    this.#now = params.now;
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(params.keepAliveMs / 1_000)}\r\n`;
    this.refresh();
  }

  /** To be called once a second: RFC 9110, section 6.6.1, wants the date. */
  refresh(): void {
    this.#common = `Date: ${new Date(this.#now()).toUTCString()}\r\n`;
    this.#kept.clear();
  }

  /** `fields` are names and values in turn; a list that is always the same one is put together once. */
  of(status: number, fields: readonly string[], isLast: boolean): string {
    if (status !== 200 || isLast) return this.#make(status, fields, isLast);
    let head = this.#kept.get(fields);
    if (head === undefined) {
      head = this.#make(status, fields, isLast);
      if (this.#kept.size < 16) this.#kept.set(fields, head);
    }
    return head;
  }

  #make(status: number, fields: readonly string[], isLast: boolean): string {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    for (let index = 0; index < fields.length; index += 2) {
      const line = `${fields[index]}: ${fields[index + 1]}`;
      if (/[^\t\x20-\x7e]/.test(line)) throw new TypeError(`No header may be ${JSON.stringify(line)}`);
      head += `${line}\r\n`;
    }
    return head + this.#common + (isLast ? 'Connection: close\r\n' : this.#keepAlive);
  }
}
