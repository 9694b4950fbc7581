import { ErrandError } from '../../core/errors.js';
import type { ApiEvent } from '../api-types.js';
import { fillPath, type AnswerOf, type BodyOf, type Endpoint, type QueryOf } from '../endpoint.js';
import * as models from '../endpoints/models.js';
import * as organizations from '../endpoints/organizations.js';
import * as runs from '../endpoints/runs.js';
import * as workflows from '../endpoints/workflows.js';
import { MAX_WAIT_SECONDS } from '../endpoints/fields.js';
import { SseParser } from './sse-parser.js';
import { ApiTransport, describeReason, type TransportOptions } from './transport.js';

export const DEFAULT_URL = 'http://127.0.0.1:8787';

/** The server sends a comment line well inside this time, so a stream that is silent for longer is a dead one. */
const SILENCE_MS = 60_000;
/** Models that run on the machine itself are loaded at the first call. */
const MODEL_TIMEOUT_MS = 300_000;

export interface ErrandClientOptions extends TransportOptions {
  /** After how long without a sign of life a stream counts as dead; 60 s when not given. */
  readonly silenceMs?: number;
}

interface Call<Query, Body> {
  readonly path?: { readonly [name: string]: string };
  readonly query?: Query;
  readonly body?: Body;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The REST API of one server, with one key. Every failure is an `ErrandError` whose message says what to do. */
export class ErrandClient {
  readonly #transport: ApiTransport;
  readonly #silenceMs: number;

  constructor(options: ErrandClientOptions) {
    this.#transport = new ApiTransport(options);
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
  }

  /** Any endpoint, with the types that it declares. */
  async call<Query, Body, Answer>(
    { method, path }: Endpoint<Query, Body, Answer>,
    { path: parameters = {}, query, body, ...options }: Call<Query, Body> = {},
  ): Promise<Answer> {
    const asked = { method, path: fillPath(path, parameters), query: { ...query } };
    const sent = body === undefined ? {} : { body: { ...body } as object };
    return (await this.#transport.request(asked, { ...options, ...sent })) as Answer;
  }

  /** The run as it is when it ends, or after `waitSeconds`, of which the server grants 25 at a time. */
  waitForRun(
    id: string,
    params: { readonly waitSeconds: number; readonly signal?: AbortSignal },
  ): Promise<AnswerOf<typeof runs.getRun>> {
    const waitSeconds = Math.min(MAX_WAIT_SECONDS, Math.max(0, Math.ceil(params.waitSeconds)));
    return this.call(runs.getRun, {
      path: { id },
      query: { wait_seconds: waitSeconds },
      timeoutMs: this.#transport.timeoutMs + waitSeconds * 1000,
      ...(params.signal === undefined ? {} : { signal: params.signal }),
    });
  }

  // Verbs for what commands ask for most.

  listWorkflows = () => this.call(workflows.listWorkflows);
  getWorkflow = (id: string) => this.call(workflows.getWorkflow, { path: { id } });
  startRun = (body: BodyOf<typeof runs.startRun>) => this.call(runs.startRun, { body });
  getRun = (id: string) => this.call(runs.getRun, { path: { id } });
  /** Without its nodes, of which there may be very many. */
  getRunHead = (id: string) => this.call(runs.getRun, { path: { id }, query: { nodes: 'none' } });
  /** With `BriefNode`s, which `completeNode` makes whole. */
  getRunBriefly = (id: string) => this.call(runs.getRun, { path: { id }, query: { nodes: 'brief' } });
  listRuns = (query: QueryOf<typeof runs.listRuns>) => this.call(runs.listRuns, { query });
  cancelRun = (id: string, body: BodyOf<typeof runs.cancelRun>) => this.call(runs.cancelRun, { path: { id }, body });
  rerun = (id: string, body: BodyOf<typeof runs.rerun>) => this.call(runs.rerun, { path: { id }, body });
  retryRun = (id: string) => this.call(runs.retryRun, { path: { id }, body: {} });
  answerRun = (id: string, node: string, answer: BodyOf<typeof runs.answerNode>['answer']) =>
    this.call(runs.answerNode, { path: { id, node }, body: { answer } });
  testModel = (body: BodyOf<typeof models.testModel>) =>
    this.call(models.testModel, { body, timeoutMs: MODEL_TIMEOUT_MS });
  setCredits = (slug: string, monthlyCredits: number) =>
    this.call(organizations.setCredits, { path: { slug }, body: { monthly_credits: monthlyCredits } });

  /**
   * The run's events after `afterSeq`, over one connection: ends, or throws `unavailable`, when that does. `onContact`:
   * at every sign of life.
   */
  async *streamEvents(params: {
    readonly runId: string;
    readonly afterSeq: number;
    readonly signal: AbortSignal;
    readonly onContact?: () => void;
  }): AsyncGenerator<ApiEvent> {
    const silence = new AbortController();
    const listen = () => setTimeout(() => silence.abort(new Error('nothing was heard from it')), this.#silenceMs);
    let timer = listen();
    try {
      const response = await this.#transport.open(eventsOf(params), {
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
        clearTimeout(timer);
        timer = listen();
        params.onContact?.();
        for (const message of parser.push(decoder.decode(chunk, { stream: true }))) yield parseEvent(message.data);
      }
    } catch (error) {
      if (error instanceof ErrandError || params.signal.aborted) throw error;
      throw new ErrandError(
        'unavailable',
        `The connection to ${this.#transport.base} was cut: ${describeReason(error)}.`,
        {
          cause: error,
        },
      );
    } finally {
      clearTimeout(timer);
      // Leaves no half-read answer behind when the reader stops early.
      silence.abort();
    }
  }
}

function eventsOf({ runId, afterSeq }: { readonly runId: string; readonly afterSeq: number }) {
  const { method, path } = runs.listRunEvents;
  return { method, path: fillPath(path, { id: runId }), query: { after: afterSeq } };
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
