import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { writeSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { encodeFrame, FrameReader } from '../wire/frames.js';
import { Outbox } from '../wire/outbox.js';
import type { FromWorker, Notice, ToWorker } from '../wire/messages.js';
import { writeAtOnce } from '../wire/write-at-once.js';
import { NOTICE_FD } from './watch-process.js';

/** How a worker and the server talk. */
export interface Link {
  readonly outbox: Outbox<FromWorker>;
  /** Messages that came together. */
  listen(take: (messages: readonly ToWorker[]) => void): void;
  /** At once, whatever this thread does next. */
  notice(notice: Notice): void;
}

const MESSAGES_FD = 3;
const READ_BYTES = 64 * 1024;

/**
 * Of a process. It ends with the server. It reads into one buffer, and writes as far as the pipe takes it at once: what
 * streams do beside that costs a part of what a short call does.
 */
export function openSocketLink(beforeFlush: () => void): Link {
  const reader = new FrameReader();
  let take: Parameters<Link['listen']>[0] | null = null;
  const onPiece = (count: number, buffer: Uint8Array): boolean => {
    const piece = Buffer.from(buffer.buffer, buffer.byteOffset, count);
    const frames = reader.read(piece).map((text) => JSON.parse(text) as ToWorker[]);
    // What has waited together is looked at together: a call may have been given up meanwhile.
    if (frames.length > 0) take?.(frames.length === 1 ? frames[0]! : frames.flat());
    return true;
  };
  const options: SocketConstructorOpts & Pick<ConnectOpts, 'onread'> = {
    fd: MESSAGES_FD,
    readable: true,
    writable: true,
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onPiece },
  };
  const socket = new Socket(options);
  socket.on('error', () => process.exit(0));
  socket.on('close', () => process.exit(0));
  return {
    outbox: new Outbox((text) => writeAtOnce(socket, MESSAGES_FD, encodeFrame(text)), { beforeFlush }),
    listen: (given) => {
      take = given;
    },
    notice: (notice) => {
      try {
        writeSync(NOTICE_FD, `${JSON.stringify(notice)}\n`);
      } catch {
        // Nobody listens, or is slow to: it is said otherwise by how this process ends.
      }
    },
  };
}

/** Of a thread. How it ends, the server sees for itself. */
export function openPortLink(port: MessagePort, beforeFlush: () => void): Link {
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    outbox: new Outbox((text) => port.postMessage(text), { beforeFlush }),
    listen: (take) => {
      port.on('message', (text: string) => take(JSON.parse(text) as ToWorker[]));
    },
    notice: () => undefined,
  };
}
