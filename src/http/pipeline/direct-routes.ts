import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, NewId } from '../../core/ports/clock.js';
import type { ErrandError } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import { toPublicError } from '../../mcp/tool-kit/to-public-error.js';
import { sendJson, type Exchange, type ExchangeHandler } from '../transport/exchange.js';
import { logAnswered } from './request-log.js';
import type { HostGuard } from './host-check.js';
import { NodeExchange } from '../transport/node-exchange.js';
import { apiErrorText, retryHeaders } from '../transport/responses.js';
import { ERROR_STATUS } from '../transport/error-status.js';

interface DirectDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly guard: HostGuard;
}

/** The paths that are answered with as little between them and the socket as can be. */
export class DirectRoutes {
  readonly #handlers = new Map<string, ExchangeHandler>();
  readonly #deps: DirectDeps;

  constructor(deps: DirectDeps) {
    this.#deps = deps;
  }

  get logger(): Logger {
    return this.#deps.logger;
  }

  get clock(): Clock {
    return this.#deps.clock;
  }

  get paths(): ReadonlySet<string> {
    return new Set(this.#handlers.keys());
  }

  add(path: string, handler: ExchangeHandler): void {
    this.#handlers.set(path, handler);
  }

  /** False, and nothing done, when the path is none of these. */
  answerNode(incoming: IncomingMessage, outgoing: ServerResponse, closing: AbortSignal): boolean {
    const path = readPath(incoming.url ?? '');
    if (!this.#handlers.has(path)) return false;
    this.answer(new NodeExchange({ incoming, outgoing, path, closing }));
    return true;
  }

  /** The exchange's path is one of these. */
  answer(exchange: Exchange): void {
    void this.#run(exchange);
  }

  async #run(exchange: Exchange): Promise<void> {
    const { guard, clock, logger } = this.#deps;
    const start = clock.now();
    try {
      const origin = exchange.header('origin');
      const refusal = guard.refusal(exchange.header('host'), origin);
      if (refusal === null && origin !== undefined) exchange.addFields(guard.fieldsFor(origin));
      if (refusal === null) await this.#handlers.get(exchange.path)?.(exchange);
      else sendError(exchange, refusal);
    } catch (thrown) {
      const error = toPublicError(thrown, this.#deps);
      if (exchange.status !== 0) exchange.destroy();
      else sendError(exchange, error);
    }
    const { method, path, status } = exchange;
    logAnswered(logger, { method, path, status, ms: clock.now() - start });
  }
}

export function sendError(exchange: Exchange, error: ErrandError): void {
  sendJson(exchange, apiErrorText(error), ERROR_STATUS[error.code], retryHeaders(error));
}

function readPath(target: string): string {
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
