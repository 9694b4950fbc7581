import type { ErrorCode } from '../core/errors.js';
import { isJsonObject, type JsonSchema } from '../core/json.js';
import type { Scope } from '../core/tenant/principal.js';

/** A field of the query, by what its text must be. */
export type QueryField =
  | {
      readonly kind: 'integer';
      readonly min: number;
      /** Null: no bound. */
      readonly max: number | null;
      /** What an absent field counts as. */
      readonly default: number;
      /** What to do instead, for a value over `max`. */
      readonly beyond?: string;
    }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** Several of them: given again and again, or with commas between. */
  | { readonly kind: 'choices'; readonly values: readonly string[] }
  | { readonly kind: 'text' }
  /** Several of them: given again and again. */
  | { readonly kind: 'texts' };

/**
 * What is said of an endpoint of the REST API, once: the server mounts it, and clients and docs/api.md come from it.
 */
export interface Declaration {
  /** Verb and noun: `startRun`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Under `/api/v1`, parameters with a colon: `/runs/:id`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly scope: Scope;
  readonly query: { readonly [name: string]: QueryField };
  /** The schema of the request's body; null: it takes none. */
  readonly body: JsonSchema | null;
  /** How many bytes the body may have; as the server is set when not given. */
  readonly maxBodyBytes?: number;
  /** The statuses of its answers that are no errors. */
  readonly statuses: readonly number[];
  /** Refusals beyond those that every endpoint has (see `COMMON_ERRORS`). */
  readonly errors: readonly ErrorCode[];
  /** Whether the answer may be a stream of server-sent events. */
  readonly streams?: true;
}

/**
 * A declaration with the TypeScript types of what goes in and comes out. `Answer` is `null` for an answer without a
 * body.
 */
export interface Endpoint<Query, Body, Answer> extends Declaration {
  /** Never there: it carries the types. */
  readonly types?: { readonly query: Query; readonly body: Body; readonly answer: Answer };
}

/** Any endpoint, whatever its types. */
export type AnyEndpoint = Endpoint<unknown, unknown, unknown>;

export type QueryOf<E> = E extends Endpoint<infer Query, unknown, unknown> ? Query : never;
export type BodyOf<E> = E extends Endpoint<unknown, infer Body, unknown> ? Body : never;
export type AnswerOf<E> = E extends Endpoint<unknown, unknown, infer Answer> ? Answer : never;

/** The names of a path's parameters: of `/runs/:id/nodes/:node`, `id` and `node`. */
export type ParameterOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What any endpoint may answer. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'unavailable',
  'internal',
];

export const API_PREFIX = '/api/v1';

type Optional = 'query' | 'body' | 'statuses' | 'errors';

/** An endpoint with these types; what is not said is: no query, no body, status 200, no errors of its own. */
export function declareEndpoint<Types extends { query?: object; body?: object; answer: object | null }>() {
  return <const Given extends Omit<Declaration, Optional> & Partial<Pick<Declaration, Optional>>>(
    given: Given,
  ): Endpoint<Types['query'], Types['body'], Types['answer']> & { readonly path: Given['path'] } => ({
    query: {},
    body: null,
    statuses: [200],
    ...given,
    errors: errorsOf(given),
  });
}

/** With that of whoever names an organization that is not there. */
function errorsOf({ errors = [], query = {}, body }: Partial<Declaration>): readonly ErrorCode[] {
  const { properties } = body ?? {};
  const isNamed = 'organization' in query || (isJsonObject(properties) && 'organization' in properties);
  return isNamed && !errors.includes('not_found') ? [...errors, 'not_found'] : errors;
}

/** The path with its parameters filled in, each as one segment. */
export function fillPath(path: string, parameters: { readonly [name: string]: string }): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
}
