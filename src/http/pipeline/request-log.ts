import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { HttpEnv } from './app-deps.js';

/** One quiet line for each request. Headers, queries and bodies may hold secrets and stay out of it. */
export function requestLog({ logger, clock }: { logger: Logger; clock: Clock }): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const start = clock.now();
    await next();
    logAnswered(logger, {
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: clock.now() - start,
    });
  };
}

export function logAnswered(
  logger: Logger,
  fields: { readonly method: string; readonly path: string; readonly status: number; readonly ms: number },
): void {
  logger.debug(fields, 'request answered');
}
