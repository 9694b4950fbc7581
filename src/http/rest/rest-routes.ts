import { API_PREFIX, type AnyEndpoint, type Endpoint } from '../../api/endpoint.js';
import { ENDPOINTS } from '../../api/endpoints/all.js';
import { countCall } from '../../auth/limits/count-call.js';
import type { Json } from '../../core/json.js';
import type { NewId } from '../../core/ports/clock.js';
import type { Principal } from '../../core/tenant/principal.js';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import { DEFAULT_MAX_BODY_BYTES, type AppDeps } from '../pipeline/app-deps.js';
import { readJsonBody } from '../pipeline/json-body.js';
import type { MethodName, RouteHandler, Routes } from '../pipeline/routes.js';
import { addressOf } from '../pipeline/client-address.js';
import type { Exchange } from '../transport/exchange.js';
import type { Reply } from '../transport/replies.js';
import { requestLife } from '../transport/request-life.js';
import { readQuery, type ReadQuery } from './query.js';

export type RestDeps = AppDeps & { readonly newId: NewId };

/** Where the API is reached, and how callers show who they are there. */
export interface RestDoor {
  readonly prefix: string;
  /** Throws `unauthenticated` and the like. */
  readonly authenticate: (exchange: Exchange) => Promise<Principal>;
  /** What a 401 names as that which needs a key; null where there are none. */
  readonly resource: string | null;
}

/** For callers with a key or a token. */
export function keyDoor({ authenticate }: Pick<AppDeps, 'authenticate'>): RestDoor {
  return {
    prefix: API_PREFIX,
    authenticate: (exchange) => authenticate(exchange.header('authorization'), API_PREFIX),
    resource: API_PREFIX,
  };
}

/** One request to a declared endpoint. */
export interface EndpointCall<Query, Body> {
  readonly exchange: Exchange;
  readonly caller: Principal;
  /** Absent integers have their defaults. */
  readonly query: ReadQuery<Query>;
  /** Reads the body and checks it against the endpoint's schema. Throws `invalid_input` and the like. */
  readonly body: () => Promise<Body>;
  /** A parameter of the path, by its name. */
  readonly param: (name: string) => string;
  /** Aborts when the client has gone or the server stops. */
  readonly signal: () => AbortSignal;
}

export type EndpointHandler<Query, Body> = (call: EndpointCall<Query, Body>) => Promise<Reply>;

/** Serves the declared endpoints: each handler is given what its declaration says, read and checked. */
export class RestRoutes {
  readonly #deps: RestDeps;
  readonly #door: RestDoor;
  /** By path, then by method. */
  readonly #handlers = new Map<string, { [method in MethodName]?: RouteHandler }>();
  readonly #served = new Set<AnyEndpoint>();

  constructor(deps: RestDeps, door: RestDoor) {
    this.#deps = deps;
    this.#door = door;
  }

  get deps(): RestDeps {
    return this.#deps;
  }

  add<Query, Body, Answer>(declared: Endpoint<Query, Body, Answer>, answer: EndpointHandler<Query, Body>): void {
    const handlers = this.#handlers.get(declared.path) ?? {};
    handlers[declared.method] = this.#toRouteHandler(declared, answer);
    this.#handlers.set(declared.path, handlers);
    this.#served.add(declared);
  }

  /** Throws for an endpoint that is declared and not served. */
  mount(routes: Routes): void {
    const missing = ENDPOINTS.filter((each) => !this.#served.has(each));
    if (missing.length > 0) throw new Error(`not served: ${missing.map(({ name }) => name).join(', ')}`);
    const { prefix, resource } = this.#door;
    const options = resource === null ? {} : { resource };
    for (const [path, handlers] of this.#handlers) routes.add(prefix + path, handlers, options);
  }

  /** Checks the key, counts the call and has it answered. */
  #toRouteHandler<Query, Body>(declared: AnyEndpoint, answer: EndpointHandler<Query, Body>): RouteHandler {
    const { authenticate } = this.#door;
    const { limits, isTrustedProxy = () => false, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = this.#deps;
    const check = checkOfBody(declared);
    return async (exchange, parameters) => {
      const caller = { ...(await authenticate(exchange)), from: addressOf(exchange, isTrustedProxy) };
      countCall(limits, 'reading', caller);
      const life = requestLife(exchange);
      const body = async (): Promise<Body> => {
        const json = await readJsonBody(exchange, declared.maxBodyBytes ?? maxBodyBytes);
        // A body may take its time, in which the key may end.
        await authenticate(exchange);
        return check(json) as Body;
      };
      const query = readQuery<Query>(exchange, declared.query);
      const param = (name: string): string => parameters[name] ?? '';
      try {
        const reply = await answer({ exchange, caller, query, body, param, signal: life.signal });
        await reply(exchange);
      } finally {
        life.end();
      }
    };
  }
}

function checkOfBody({ body }: AnyEndpoint): (value: Json) => Json {
  return body === null ? (value) => value : compileCheck<Json>(body, "The body's fields");
}
