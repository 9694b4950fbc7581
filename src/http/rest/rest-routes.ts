import type { Hono } from 'hono';
import { API_PREFIX, type AnyEndpoint, type Endpoint } from '../../api/endpoint.js';
import { ENDPOINTS } from '../../api/endpoints/all.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import type { HttpContext, HttpEnv } from '../pipeline/app-deps.js';
import { addRoute, type MethodName, type RouteHandler } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { readQuery, type ReadQuery } from './query.js';

/** One request to a declared endpoint. */
export interface EndpointCall<Query, Body> {
  readonly c: HttpContext;
  readonly caller: Principal;
  /** Absent integers have their defaults. */
  readonly query: ReadQuery<Query>;
  /** Reads the body and checks it against the endpoint's schema. Throws `invalid_input` and the like. */
  readonly body: () => Promise<Body>;
  /** A parameter of the path, by its name. */
  readonly param: (name: string) => string;
}

export type EndpointHandler<Query, Body> = (call: EndpointCall<Query, Body>) => Promise<Response>;

/** Serves the declared endpoints: each handler is given what its declaration says, read and checked. */
export class RestRoutes {
  readonly #deps: RestDeps;
  /** By path, then by method. */
  readonly #handlers = new Map<string, { [method in MethodName]?: RouteHandler }>();
  readonly #served = new Set<AnyEndpoint>();

  constructor(deps: RestDeps) {
    this.#deps = deps;
  }

  get deps(): RestDeps {
    return this.#deps;
  }

  add<Query, Body, Answer>(declared: Endpoint<Query, Body, Answer>, answer: EndpointHandler<Query, Body>): void {
    const check = checkOfBody(declared);
    const handlers = this.#handlers.get(declared.path) ?? {};
    handlers[declared.method] = endpoint(this.#deps, ({ c, caller, body }) =>
      answer({
        c,
        caller,
        query: readQuery<Query>(c, declared.query),
        body: () => body((value) => check(value) as Body),
        param: (name) => c.req.param(name) ?? '',
      }),
    );
    this.#handlers.set(declared.path, handlers);
    this.#served.add(declared);
  }

  /** Throws for an endpoint that is declared and not served. */
  mount(app: Hono<HttpEnv>): void {
    const missing = ENDPOINTS.filter((each) => !this.#served.has(each));
    if (missing.length > 0) throw new Error(`not served: ${missing.map(({ name }) => name).join(', ')}`);
    for (const [path, handlers] of this.#handlers) addRoute(app, `${API_PREFIX}${path}`, handlers);
  }
}

function checkOfBody({ body }: AnyEndpoint): (value: Json) => Json {
  return body === null ? (value) => value : compileCheck<Json>(body, "The body's fields");
}
