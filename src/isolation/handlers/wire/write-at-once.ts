import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Writes a frame as far as the pipe takes it at once, without what a stream does beside that; the rest goes through
 * the socket, which waits until it may. `fd`: of the socket's pipe, which does not block.
 */
export function writeAtOnce(socket: Socket, fd: number | null, frame: Buffer): void {
  const sent = fd === null || socket.writableLength > 0 ? 0 : tryWrite(fd, frame);
  if (sent < frame.length) socket.write(frame.subarray(sent));
}

/** Of a pipe to a process that was started: Node does not tell it, and what it keeps it in may change. */
export function fdOf(socket: Socket): number | null {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}

function tryWrite(fd: number, frame: Buffer): number {
  try {
    return writeSync(fd, frame);
  } catch {
    // It is full, or nobody reads it any more: the socket tells.
    return 0;
  }
}
