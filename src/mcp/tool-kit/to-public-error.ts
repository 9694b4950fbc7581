import type { NewId } from '../../core/ports/clock.js';
import { ErrandError, isErrandError } from '../../core/errors.js';
import { toPublicMessage } from '../../core/text/public-message.js';
import type { Logger } from '../../core/ports/logger.js';

/**
 * Errors made for callers pass, without the places of files on this machine; anything else is logged under an id, and
 * the caller gets that id and nothing more.
 */
export function toPublicError(
  thrown: unknown,
  context: { readonly logger: Logger; readonly newId: NewId },
): ErrandError {
  if (isErrandError(thrown) && thrown.code === 'unavailable') {
    const { code, problems, details, retryAfterSeconds } = thrown;
    const message = toPublicMessage(thrown.message);
    if (message === thrown.message) return thrown;
    context.logger.error({ err: thrown }, 'unavailable');
    return new ErrandError(code, message, {
      problems,
      details,
      ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    });
  }
  if (isErrandError(thrown) && thrown.code !== 'internal') return thrown;
  const errorId = context.newId();
  context.logger.error({ err: thrown, errorId }, 'internal error');
  return new ErrandError('internal', `Something went wrong inside the server. The log has it under ${errorId}.`, {
    details: { errorId },
  });
}
