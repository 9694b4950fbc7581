// oxlint-disable no-underscore-dangle -- Node's own names
import { ServerResponse, type IncomingMessage } from 'node:http';

type Written = (error?: Error | null) => void;

/** What Node's own class sends everything with, and whether the head is out; its types leave both out. */
interface Sender {
  readonly _headerSent: boolean;
  _send(data: string | Uint8Array, encoding: string | null, written?: Written, byteLength?: number): boolean;
}

const sender = ServerResponse.prototype as unknown as Sender;

/**
 * An answer that goes out as one write. Node sends an empty text after the last of an answer, to learn when it is out,
 * which makes two parts of it for the system to gather: a tenth of what a small answer costs. Here it is taken as out
 * once the connection has it; what then comes (the next request, the connection's end) waits for its turn on the
 * connection anyway.
 */
export class OneWriteResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  _send(data: string | Uint8Array, encoding: string | null, written?: Written, byteLength?: number): boolean {
    // Without a connection, it stands behind another answer, and goes out later.
    const isOut = (this as unknown as Sender)._headerSent && this.socket?.destroyed === false;
    if (data === '' && written !== undefined && isOut) {
      process.nextTick(written);
      return true;
    }
    return sender._send.call(this, data, encoding, written, byteLength);
  }
}
