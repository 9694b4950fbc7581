import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, NewId } from '../core/clock.js';
import type { ErrandError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { hideInternals } from '../mcp/hide-internals.js';
import { sendJson, type Exchange, type ExchangeHandler } from './exchange.js';
import { logAnswered } from './middleware/request-log.js';
import type { HostGuard } from './middleware/host-check.js';
import { apiErrorText, retryHeaders } from './responses.js';
import { ERROR_STATUS } from './error-status.js';

interface DirectDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly guard: HostGuard;
}

/** The paths that are answered on Node's own terms, with nothing between them and the socket. */
export class DirectRoutes {
  readonly #handlers = new Map<string, ExchangeHandler>();
  readonly #deps: DirectDeps;

  constructor(deps: DirectDeps) {
    this.#deps = deps;
  }

  add(path: string, handler: ExchangeHandler): void {
    this.#handlers.set(path, handler);
  }

  /** False, and nothing done, when the path is none of these. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, closing: AbortSignal): boolean {
    const path = pathOf(incoming.url ?? '');
    const handler = this.#handlers.get(path);
    if (handler === undefined) return false;
    void this.#run(handler, { incoming, outgoing, path, closing });
    return true;
  }

  async #run(handler: ExchangeHandler, exchange: Exchange): Promise<void> {
    const { guard, clock, logger } = this.#deps;
    const { incoming, outgoing } = exchange;
    const start = clock.now();
    try {
      const refusal = guard(incoming.headers.host, incoming.headers.origin);
      if (refusal === null) await handler(exchange);
      else sendError(exchange, refusal);
    } catch (thrown) {
      const error = hideInternals(thrown, this.#deps);
      if (outgoing.headersSent) outgoing.destroy();
      else sendError(exchange, error);
    }
    logAnswered(logger, {
      method: incoming.method ?? '',
      path: exchange.path,
      status: outgoing.statusCode,
      ms: clock.now() - start,
    });
  }
}

export function sendError(exchange: Exchange, error: ErrandError): void {
  sendJson(exchange, apiErrorText(error), ERROR_STATUS[error.code], retryHeaders(error));
}

function pathOf(target: string): string {
  if (!target.startsWith('/')) return pathOfUrl(target);
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** What proxies send: `POST http://host/mcp HTTP/1.1`. */
function pathOfUrl(target: string): string {
  try {
    return new URL(target).pathname;
  } catch {
    return '';
  }
}
