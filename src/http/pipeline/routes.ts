import type { Exchange } from '../transport/exchange.js';
import { loggedPath } from '../transport/logged-path.js';
import { sendEmpty, sendJson } from '../transport/replies.js';
import { preflightFields } from './cors.js';

/** The parameters of a path, decoded, by their names. */
export type PathParameters = Readonly<Record<string, string>>;

/** Resolves once the answer is handed over. What it throws before it begins to answer is answered as an error. */
export type RouteHandler = (exchange: Exchange, parameters: PathParameters) => void | Promise<void>;

export type MethodName = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What answers at one path, by method. HEAD goes with GET. */
export type MethodHandlers = { readonly [method in MethodName]?: RouteHandler };

export interface RouteOptions {
  /** The path of the resource that its callers need a key for (RFC 9728); a 401 names it. */
  readonly resource?: string;
  /** Whether the fast lane takes plain POST requests to it. Its path has no parameters. */
  readonly fast?: boolean;
}

/** A route with the parameters of one request's path. */
export interface FoundRoute {
  readonly resource: string | null;
  /** As it was added, with the names of its parameters. */
  readonly path: string;
  answer(exchange: Exchange): void | Promise<void>;
}

const NO_PARAMETERS: PathParameters = Object.freeze({});

/** All paths that are served. A path without parameters goes before one that has them. */
export class Routes {
  /** Those without parameters. */
  readonly #exact = new Map<string, Route>();
  readonly #all: Route[] = [];
  readonly #fastPaths = new Set<string>();

  get fastPaths(): ReadonlySet<string> {
    return this.#fastPaths;
  }

  /** `path` may have parameters, each a whole segment: `/runs/:id`. */
  add(path: string, handlers: MethodHandlers, options: RouteOptions = {}): void {
    const route = new Route(path, handlers, options.resource ?? null);
    if (route.hasParameters) {
      this.#all.push(route);
    } else {
      this.#exact.set(path, route);
      this.#all.unshift(route);
    }
    if (options.fast === true) this.#fastPaths.add(path);
  }

  find(path: string): FoundRoute | null {
    return this.#exact.get(path) ?? this.#search(path);
  }

  #search(path: string): FoundRoute | null {
    const segments = path.split('/').map(decodeSegment);
    for (const route of this.#all) {
      const parameters = route.match(segments);
      if (parameters === null) continue;
      return { resource: route.resource, path: route.path, answer: (exchange) => route.answer(exchange, parameters) };
    }
    return null;
  }
}

class Route implements FoundRoute {
  readonly path: string;
  readonly resource: string | null;
  readonly hasParameters: boolean;
  readonly #handlers: ReadonlyMap<string, RouteHandler>;
  readonly #segments: readonly string[];
  readonly #allow: string;

  constructor(path: string, handlers: MethodHandlers, resource: string | null) {
    this.path = path;
    this.resource = resource;
    this.hasParameters = path.includes('/:');
    this.#handlers = new Map(Object.entries(handlers));
    this.#segments = path.split('/');
    this.#allow = allowedMethods(handlers);
  }

  /** Null when it is not the path of this route. */
  match(segments: readonly string[]): PathParameters | null {
    if (segments.length !== this.#segments.length) return null;
    const parameters: Record<string, string> = {};
    for (const [index, expected] of this.#segments.entries()) {
      const segment = segments[index] ?? '';
      if (!expected.startsWith(':')) {
        if (segment !== expected) return null;
      } else if (segment === '') return null;
      else parameters[expected.slice(1)] = segment;
    }
    return parameters;
  }

  answer(exchange: Exchange, parameters = NO_PARAMETERS): void | Promise<void> {
    const { method } = exchange;
    const handler = this.#handlers.get(method === 'HEAD' ? 'GET' : method);
    if (handler !== undefined) return handler(exchange, parameters);
    const allow = this.#allow;
    if (method !== 'OPTIONS') return refuseMethod(exchange, allow);
    return sendEmpty(exchange, 204, { allow, ...preflightFields((name) => exchange.header(name), allow) });
  }
}

export function allowedMethods(handlers: { readonly [method in MethodName]?: unknown }): string {
  const methods = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...methods, 'OPTIONS'].join(', ');
}

export function refuseMethod(exchange: Exchange, allow: string): void {
  const message = `${exchange.method} is not possible on ${loggedPath(exchange.path)}. Possible: ${allow}.`;
  sendJson(exchange, JSON.stringify({ error: { code: 'invalid_input', message } }), 405, { allow });
}

/** As it came when it cannot be decoded. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
