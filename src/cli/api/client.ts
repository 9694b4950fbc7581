import { ErrandError, errorMessage } from '../../core/errors.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Scope } from '../../core/tenant/principal.js';
import type { RunStatus } from '../../core/run/run.js';
import type {
  ApiCreditMovement,
  ApiCredits,
  ApiEvent,
  ApiKeyView,
  ApiModelCredential,
  ApiModels,
  ApiModelTest,
  ApiMonthUsage,
  ApiNewKey,
  ApiOrganization,
  ApiOrganizationChange,
  ApiRerunRequest,
  ApiRun,
  ApiRunListItem,
  ApiRunRequest,
  ApiWorkflow,
} from '../../api/api-types.js';
import { SseParser } from './sse-parser.js';
import { readApiError } from './api-failure.js';

export const DEFAULT_URL = 'http://127.0.0.1:8787';

const REQUEST_TIMEOUT_MS = 30_000;
/** The server sends a comment line well inside this time, so a stream that is silent for longer is a dead one. */
const SILENCE_MS = 60_000;
/** Models that run on the machine itself are loaded at the first call. */
const MODEL_TIMEOUT_MS = 300_000;
const MAX_WAIT_SECONDS = 25;

export interface ErrandClientOptions {
  /** Where the server is; a path in it is kept. */
  readonly url: string;
  readonly apiKey: string | null;
  readonly requestTimeoutMs?: number;
  readonly silenceMs?: number;
}

type Query = { readonly [name: string]: string | number | undefined };

/** The REST API of one server, with one key. Every failure is an `ErrandError` whose message says what to do. */
export class ErrandClient {
  readonly #base: string;
  readonly #apiKey: string | null;
  readonly #timeoutMs: number;
  readonly #silenceMs: number;

  constructor(options: ErrandClientOptions) {
    this.#base = options.url.replace(/\/+$/, '');
    this.#apiKey = options.apiKey;
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
  }

  listWorkflows(): Promise<{ readonly workflows: readonly ApiWorkflow[] }> {
    return this.#request('GET', '/workflows');
  }

  getWorkflow(id: string): Promise<ApiWorkflow> {
    return this.#request('GET', `/workflows/${encodeURIComponent(id)}`);
  }

  startRun(request: ApiRunRequest): Promise<ApiRun> {
    return this.#request('POST', '/runs', { body: request });
  }

  getRun(runId: string): Promise<ApiRun> {
    return this.#request('GET', `/runs/${runId}`);
  }

  /** The run as it is when it ends, or after `waitSeconds`, of which the server grants 25 at a time. */
  waitForRun(runId: string, params: { readonly waitSeconds: number; readonly signal?: AbortSignal }): Promise<ApiRun> {
    const waitSeconds = Math.min(MAX_WAIT_SECONDS, Math.max(0, Math.ceil(params.waitSeconds)));
    return this.#request('GET', `/runs/${runId}`, {
      query: { wait_seconds: waitSeconds },
      timeoutMs: this.#timeoutMs + waitSeconds * 1000,
      ...(params.signal === undefined ? {} : { signal: params.signal }),
    });
  }

  listRuns(params: {
    readonly status?: RunStatus;
    readonly workflowId?: string;
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<{ readonly runs: readonly ApiRunListItem[]; total: number; limit: number; offset: number }> {
    const { status, workflowId, limit, offset } = params;
    return this.#request('GET', '/runs', { query: { status, workflow_id: workflowId, limit, offset } });
  }

  cancelRun(runId: string, params: { readonly reason?: string }): Promise<ApiRun> {
    return this.#request('POST', `/runs/${runId}/cancel`, { body: params });
  }

  answerRun(runId: string, nodeId: string, answer: Json): Promise<ApiRun> {
    return this.#request('POST', `/runs/${runId}/nodes/${encodeURIComponent(nodeId)}/answer`, { body: { answer } });
  }

  rerun(runId: string, request: ApiRerunRequest): Promise<ApiRun> {
    return this.#request('POST', `/runs/${runId}/rerun`, { body: request });
  }

  retryRun(runId: string): Promise<ApiRun> {
    return this.#request('POST', `/runs/${runId}/retry`, { body: {} });
  }

  getCredits(params: { readonly organization?: string }): Promise<ApiCredits> {
    return this.#request('GET', '/credits', { query: params });
  }

  listCreditMovements(params: {
    readonly organization?: string;
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<{ readonly movements: readonly ApiCreditMovement[] }> {
    return this.#request('GET', '/credits/movements', { query: params });
  }

  setCredits(organization: string, monthlyCredits: number): Promise<ApiCredits> {
    return this.#request('PUT', `/organizations/${encodeURIComponent(organization)}/credits`, {
      body: { monthly_credits: monthlyCredits },
    });
  }

  listOrganizations(params: {
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<{ readonly organizations: readonly ApiOrganization[]; readonly total: number }> {
    return this.#request('GET', '/organizations', { query: params });
  }

  createOrganization(params: {
    readonly slug: string;
    readonly name?: string;
    readonly monthly_credits?: number;
  }): Promise<ApiOrganization> {
    return this.#request('POST', '/organizations', { body: params });
  }

  updateOrganization(organization: string, change: ApiOrganizationChange): Promise<ApiOrganization> {
    return this.#request('PATCH', `/organizations/${encodeURIComponent(organization)}`, { body: change });
  }

  listKeys(params: { readonly organization?: string }): Promise<{ readonly keys: readonly ApiKeyView[] }> {
    return this.#request('GET', '/keys', { query: params });
  }

  createKey(params: {
    readonly name: string;
    readonly scopes?: readonly Scope[];
    readonly expires_at?: string;
    readonly organization?: string;
  }): Promise<ApiNewKey> {
    return this.#request('POST', '/keys', { body: params });
  }

  async revokeKey(keyId: string, params: { readonly organization?: string }): Promise<void> {
    await this.#request<null>('DELETE', `/keys/${encodeURIComponent(keyId)}`, { query: params });
  }

  listModels(params: { readonly organization?: string }): Promise<ApiModels> {
    return this.#request('GET', '/models', { query: params });
  }

  testModel(params: { readonly model?: string; readonly organization?: string }): Promise<ApiModelTest> {
    return this.#request('POST', '/models/test', { body: params, timeoutMs: MODEL_TIMEOUT_MS });
  }

  setModelKey(
    provider: string,
    params: { readonly key: string; readonly organization?: string },
  ): Promise<ApiModelCredential> {
    return this.#request('PUT', `/model-credentials/${encodeURIComponent(provider)}`, { body: params });
  }

  async removeModelKey(provider: string, params: { readonly organization?: string }): Promise<void> {
    await this.#request<null>('DELETE', `/model-credentials/${encodeURIComponent(provider)}`, { query: params });
  }

  getUsage(params: { readonly month?: string; readonly organization?: string }): Promise<ApiMonthUsage> {
    return this.#request('GET', '/usage', { query: params });
  }

  /** The run's events after `afterSeq`, over one connection: ends, or throws `unavailable`, when that does. `onContact`: at every sign of life. */
  async *streamEvents(params: {
    readonly runId: string;
    readonly afterSeq: number;
    readonly signal: AbortSignal;
    readonly onContact?: () => void;
  }): AsyncGenerator<ApiEvent> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error('nothing was heard from it')), this.#silenceMs);
    try {
      const response = await this.#fetch('GET', `/runs/${params.runId}/events`, {
        query: { after: params.afterSeq },
        headers: {
          accept: 'text/event-stream',
          ...(params.afterSeq > 0 ? { 'last-event-id': String(params.afterSeq) } : {}),
        },
        signal: AbortSignal.any([params.signal, silence.signal]),
      });
      params.onContact?.();
      const parser = new SseParser();
      const decoder = new TextDecoder();
      for await (const chunk of chunksOf(response)) {
        timer.refresh();
        params.onContact?.();
        for (const message of parser.push(decoder.decode(chunk, { stream: true }))) yield parseEvent(message.data);
      }
    } catch (error) {
      if (error instanceof ErrandError || params.signal.aborted) throw error;
      throw new ErrandError('unavailable', `The connection to ${this.#base} was cut: ${describeReason(error)}.`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
      // Leaves no half-read answer behind when the reader stops early.
      silence.abort();
    }
  }

  async #request<T>(
    method: string,
    path: string,
    options: {
      readonly query?: Query;
      readonly body?: object;
      readonly timeoutMs?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    try {
      const response = await this.#fetch(method, path, {
        ...(options.query === undefined ? {} : { query: options.query }),
        headers: {
          accept: 'application/json',
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        signal,
      });
      const text = await response.text();
      return (text === '' ? null : this.#parseAnswer(text)) as T;
    } catch (error) {
      if (error instanceof ErrandError || options.signal?.aborted === true) throw error;
      const why = timeout.aborted
        ? `did not answer within ${Math.round(timeoutMs / 1000)} s`
        : `broke off: ${describeReason(error)}`;
      throw new ErrandError('unavailable', `The Errand server at ${this.#base} ${why}.`, { cause: error });
    }
  }

  async #fetch(
    method: string,
    path: string,
    options: {
      readonly query?: Query;
      readonly headers: { readonly [name: string]: string };
      readonly body?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Response> {
    const headers = new Headers(options.headers);
    if (this.#apiKey !== null) headers.set('authorization', `Bearer ${this.#apiKey}`);
    let response: Response;
    try {
      response = await fetch(`${this.#base}/api/v1${path}${queryString(options.query ?? {})}`, {
        method,
        headers,
        signal: options.signal,
        ...(options.body === undefined ? {} : { body: options.body }),
      });
    } catch (error) {
      if (options.signal.aborted) throw error;
      throw new ErrandError(
        'unavailable',
        `No Errand server answers at ${this.#base} (${describeReason(error)}). Start one with \`npm start\`, or set ERRAND_URL.`,
        { cause: error },
      );
    }
    if (!response.ok) throw await readApiError({ response, url: this.#base, apiKey: this.#apiKey });
    return response;
  }

  #parseAnswer(text: string): Json {
    try {
      return JSON.parse(text) as Json;
    } catch (error) {
      throw new ErrandError(
        'internal',
        `What answers at ${this.#base} is not an Errand server: its answer is not JSON. Check ERRAND_URL.`,
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

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function parseEvent(data: string): ApiEvent {
  try {
    return JSON.parse(data) as ApiEvent;
  } catch (error) {
    throw new ErrandError('internal', `The server sent an event that is not JSON: ${data.slice(0, 200)}`, {
      cause: error,
    });
  }
}

function queryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** What fetch hides behind "fetch failed". */
function describeReason(error: unknown): string {
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
