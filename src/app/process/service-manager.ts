import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';

const TIMEOUT_MS = 10_000;

/** Tells the systemd that has started this process, and waits for word of it (`Type=notify`), how it is. */
export interface ServiceManager {
  tell(...assignments: readonly string[]): Promise<void>;
}

/**
 * By the program that systemd brings for that: Node has no sockets of datagrams in files. What this process starts from
 * now on does not learn of the socket.
 */
export function openServiceManager(env: NodeJS.ProcessEnv, logger: Pick<Logger, 'warn'>): ServiceManager {
  const socket = env['NOTIFY_SOCKET'];
  delete env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return { tell: async () => undefined };
  const options = { env: { PATH: env['PATH'], NOTIFY_SOCKET: socket }, timeout: TIMEOUT_MS };
  return {
    tell: async (...assignments) => {
      try {
        await promisify(execFile)('systemd-notify', assignments, options);
      } catch (error) {
        logger.warn(
          { error: errorMessage(error) },
          'systemd could not be told how the server is: systemd-notify failed',
        );
      }
    },
  };
}
