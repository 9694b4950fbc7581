import { ErrandError, errorMessage, type ErrorCode } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { readApiError } from './api-failure.js';
import { API_PREFIX } from '../endpoint.js';

const REQUEST_TIMEOUT_MS = 30_000;

export interface TransportOptions {
  /** Where the server is; a path in it is kept. */
  readonly url: string;
  readonly apiKey: string | null;
  /** Sent with every request. */
  readonly headers?: { readonly [name: string]: string };
  /** 30 s when not given. */
  readonly requestTimeoutMs?: number;
  /** Reads the JSON of an answer that has a body, where `JSON.parse` would take too long. Throws for what is none. */
  readonly parseJson?: (bytes: ArrayBuffer) => Json | Promise<Json>;
}

export type Query = { readonly [name: string]: string | number | undefined };

export interface ApiRequest {
  readonly method: string;
  /** Under the API's prefix, parameters filled in. */
  readonly path: string;
  readonly query?: Query;
}

/** Requests to one server with one key. Every failure is an `ErrandError` whose message says what to do. */
export class ApiTransport {
  readonly base: string;
  readonly timeoutMs: number;
  readonly #apiKey: string | null;
  readonly #headers: { readonly [name: string]: string };
  readonly #parseJson: TransportOptions['parseJson'];

  constructor(options: TransportOptions) {
    this.base = options.url.replace(/\/+$/, '');
    this.#apiKey = options.apiKey;
    this.#headers = options.headers ?? {};
    this.timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#parseJson = options.parseJson;
  }

  /** The answer's JSON; null when it has no body. */
  async request(
    asked: ApiRequest,
    options: { readonly body?: object; readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Json> {
    const timeoutMs = options.timeoutMs ?? this.timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    try {
      const response = await this.open(asked, {
        headers: {
          accept: 'application/json',
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        signal,
      });
      return await this.#readAnswer(response);
    } catch (error) {
      if (error instanceof ErrandError || options.signal?.aborted === true) throw error;
      const why = timeout.aborted
        ? `did not answer within ${Math.round(timeoutMs / 1000)} s`
        : `broke off: ${describeReason(error)}`;
      throw new ErrandError('unavailable', `The Errand server at ${this.base} ${why}.`, { cause: error });
    }
  }

  /** The answer whose body is not read yet. Throws for every status of 400 or more. */
  async open(
    { method, path, query = {} }: ApiRequest,
    options: {
      readonly headers: { readonly [name: string]: string };
      readonly body?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Response> {
    const headers = new Headers({ ...this.#headers, ...options.headers });
    if (this.#apiKey !== null) headers.set('authorization', `Bearer ${this.#apiKey}`);
    let response: Response;
    try {
      response = await fetch(`${this.base}${API_PREFIX}${path}${queryString(query)}`, {
        method,
        headers,
        signal: options.signal,
        ...(options.body === undefined ? {} : { body: options.body }),
      });
    } catch (error) {
      if (options.signal.aborted) throw error;
      throw new ErrandError(
        'unavailable',
        `No Errand server answers at ${this.base} (${describeReason(error)}). Start one with \`npm start\`, or set ERRAND_URL.`,
        { cause: error },
      );
    }
    if (!response.ok) throw await readApiError({ response, url: this.base, apiKey: this.#apiKey });
    return response;
  }

  async #readAnswer(response: Response): Promise<Json> {
    const parse = this.#parseJson;
    const body = parse === undefined ? await response.text() : await response.arrayBuffer();
    try {
      if (typeof body === 'string') return body === '' ? null : (JSON.parse(body) as Json);
      return parse === undefined || body.byteLength === 0 ? null : await parse(body);
    } catch (error) {
      throw new ErrandError(
        'internal',
        `What answers at ${this.base} is not an Errand server: its answer is not JSON. Check ERRAND_URL.`,
        { cause: error },
      );
    }
  }
}

/** Whether the same request may well succeed a moment later: nothing is wrong with it. */
export function isPassing(error: unknown): error is ErrandError {
  if (!(error instanceof ErrandError)) return false;
  const passing: readonly ErrorCode[] = ['unavailable', 'rate_limited'];
  return passing.includes(error.code);
}

function queryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) search.append(name, String(one));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** What fetch hides behind "fetch failed". */
export function describeReason(error: unknown): string {
  let reason: unknown = error;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  const first: unknown = reason instanceof AggregateError ? reason.errors[0] : reason;
  if (first instanceof Error && 'code' in first && typeof first.code === 'string')
    return REASONS[first.code] ?? first.code;
  return errorMessage(first);
}

const REASONS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up just now',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'connection closed',
};
