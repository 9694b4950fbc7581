import type { IncomingMessage, ServerResponse } from 'node:http';
import { ErrandError } from '../../core/errors.js';
import type { Clock, NewId } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Tracing } from '../../core/ports/tracing.js';
import { toPublicError } from '../../mcp/tool-kit/to-public-error.js';
import type { Exchange } from '../transport/exchange.js';
import { NodeExchange } from '../transport/node-exchange.js';
import { loggedPath } from '../transport/logged-path.js';
import { sendError } from '../transport/replies.js';
import { challengeTo, isChallenge } from './bearer-challenge.js';
import type { RequestMetrics } from './app-deps.js';
import type { HostGuard } from './host-guard.js';
import type { Routes } from './routes.js';

interface PipelineDeps {
  readonly routes: Routes;
  readonly guard: HostGuard;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly publicUrl: string | null;
  /** Whether there is an authorization server to sign in at; not when not given. */
  readonly signIn?: boolean;
  readonly metrics?: RequestMetrics;
  readonly tracing?: Tracing;
}

/** What every request passes: the guard, its route, an answer to whatever is thrown, a line in the log. */
export class Pipeline {
  readonly #deps: PipelineDeps;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
  }

  get logger(): Logger {
    return this.#deps.logger;
  }

  get clock(): Clock {
    return this.#deps.clock;
  }

  /** The paths that the fast lane takes. */
  get fastPaths(): ReadonlySet<string> {
    return this.#deps.routes.fastPaths;
  }

  answerNode(incoming: IncomingMessage, outgoing: ServerResponse, closing: AbortSignal): void {
    const target = readTarget(incoming.url ?? '');
    const exchange = new NodeExchange({ incoming, outgoing, closing, ...(target ?? { path: '', query: '' }) });
    if (target === null) sendError(exchange, new ErrandError('invalid_input', 'The request line cannot be read.'));
    else this.answer(exchange);
  }

  answer(exchange: Exchange): void {
    void this.#run(exchange);
  }

  async #run(exchange: Exchange): Promise<void> {
    const { routes, clock, logger, metrics, tracing } = this.#deps;
    const start = clock.now();
    const found = routes.find(exchange.path);
    if (tracing === undefined) await this.#answerAt(found, exchange);
    else await tracing.serveRequest(exchange, found?.path ?? null, () => this.#answerAt(found, exchange));
    // Headers, queries and bodies may hold secrets and stay out of it.
    const { method, status } = exchange;
    const ms = clock.now() - start;
    logger.debug({ method, path: loggedPath(exchange.path), status, ms }, 'request answered');
    metrics?.observeRequest({ method, route: found?.path ?? null, status, seconds: ms / 1_000 });
  }

  async #answerAt(found: ReturnType<Routes['find']>, exchange: Exchange): Promise<void> {
    const { guard } = this.#deps;
    try {
      const origin = exchange.header('origin');
      const refusal = guard.refusal(exchange.header('host'), origin);
      if (refusal === null && origin !== undefined) exchange.addFields(guard.fieldsFor(origin));
      if (refusal !== null) sendError(exchange, refusal);
      else if (found === null) sendError(exchange, notServed(exchange));
      else await found.answer(exchange);
    } catch (thrown) {
      this.#fail(exchange, thrown, found?.resource ?? null);
    }
  }

  #fail(exchange: Exchange, thrown: unknown, resource: string | null): void {
    const error = toPublicError(thrown, this.#deps);
    if (exchange.status !== 0) exchange.destroy();
    else if (!isChallenge(error) || resource === null) sendError(exchange, error);
    else {
      const { publicUrl, signIn = false } = this.#deps;
      sendError(exchange, error, challengeTo(exchange, { publicUrl, resource, error, signIn }));
    }
  }
}

function notServed({ path }: Exchange): ErrandError {
  return new ErrandError('not_found', `Nothing is served at ${path}.`);
}

interface Target {
  readonly path: string;
  readonly query: string;
}

/** The second word of a request line; null when it is no target. */
function readTarget(target: string): Target | null {
  if (target.includes('\\')) return null;
  if (!target.startsWith('/')) return targetOfUrl(target);
  const at = target.indexOf('?');
  return at === -1 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** What proxies send: `POST http://host/mcp HTTP/1.1`. */
function targetOfUrl(text: string): Target | null {
  try {
    const { pathname, search } = new URL(text);
    return { path: pathname, query: search.slice(1) };
  } catch {
    return null;
  }
}
