import type { Logger } from '../../core/ports/logger.js';

/**
 * Keeps the process alive when something fails that nobody awaits: a promise that a handler let go of, a callback of
 * its timer. Handlers run in this process; Node would end it, and every run of every organization with it. And as
 * unfinished runs are resumed, the same handler would end each process after that. Records are safe: they change in
 * transactions only.
 */
export function guardAgainstHandlerCrashes(logger: Logger): void {
  process.on('unhandledRejection', (thrown) => {
    logger.error({ err: thrown }, 'A promise failed that nothing awaits, most likely in a handler; serving goes on');
  });
  process.on('uncaughtException', (thrown) => {
    logger.error({ err: thrown }, 'Something failed outside of any call, most likely in a handler; serving goes on');
  });
}
