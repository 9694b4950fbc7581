import { type Clock, pause } from '../ports/clock.js';
import { errorMessage, isErrandError } from '../errors.js';
import type { Logger } from '../ports/logger.js';

const AGAIN_MS = 500;
const GIVE_UP_MS = 60_000;

/**
 * What `read` gives. Where the store is unavailable it is read again, for a minute at most: for what a process reads
 * once it answers calls, when a database that is away for a moment must not end it.
 */
export async function untilReadable<T>(
  read: () => Promise<T>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<T> {
  for (const until = clock.now() + GIVE_UP_MS; ;) {
    try {
      return await read();
    } catch (error) {
      if (!isErrandError(error) || error.code !== 'unavailable' || clock.now() >= until) throw error;
      logger.warn({ error: errorMessage(error) }, 'The start waits for the store');
      await pause(clock, AGAIN_MS);
    }
  }
}
