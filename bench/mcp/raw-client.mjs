import { connect } from 'node:net';

/** The bytes of a POST over a connection that is kept. */
export function requestBytes({ host, port, path, headers, body }) {
  const fields = { host: `${host}:${port}`, ...headers, 'content-length': Buffer.byteLength(body) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/**
 * One connection that asks one thing at a time. Just enough of HTTP to spend little of the machine on asking: statuses,
 * lengths and chunks.
 */
export class RawClient {
  #socket;
  #received = [];
  #size = 0;
  /** Bytes of the answer on its way in all; null while its head is not complete, 0 when it comes in chunks. */
  #wanted = null;
  #done = null;

  static open({ host, port }) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#end({ status: 0, error }));
    socket.on('close', () => this.#end({ status: 0, error: new Error('the connection was closed') }));
  }

  /** Calls `done` with the status and the answer's bytes; status 0: there was none. */
  ask(bytes, done) {
    this.#done = done;
    this.#socket.write(bytes);
  }

  close() {
    this.#done = null;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received.push(chunk);
    this.#size += chunk.length;
    if (this.#wanted === null) this.#readHead();
    if (this.#wanted === null || this.#size < this.#wanted) return;
    if (this.#wanted === 0 && !endsChunks(chunk)) return;
    const bytes = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received);
    this.#end({ status: (bytes[9] - 48) * 100 + (bytes[10] - 48) * 10 + (bytes[11] - 48), bytes });
  }

  #readHead() {
    const bytes = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received);
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = bytes.latin1Slice(0, end);
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    this.#wanted = length === undefined ? 0 : end + 4 + Number(length);
  }

  #end(answer) {
    const done = this.#done;
    this.#done = null;
    this.#received = [];
    this.#size = 0;
    this.#wanted = null;
    done?.(answer);
  }
}

function endsChunks(chunk) {
  return chunk.length >= 5 && chunk.latin1Slice(chunk.length - 5) === '0\r\n\r\n';
}

/** The answer's body as text. */
export function bodyOf(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  const text = bytes.toString('utf8', end + 4);
  if (/content-length:/i.test(bytes.latin1Slice(0, end))) return text;
  return text.replace(/(^|\r\n)[0-9a-f]+\r\n/gi, '').replace(/\r\n$/, '');
}
