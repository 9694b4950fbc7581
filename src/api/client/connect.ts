import type { Clock } from '../../core/ports/clock.js';
import { pause } from '../../core/ports/clock.js';
import type { Json } from '../../core/json.js';
import type { ApiEvent, ApiRerunRequest, ApiRun, ApiRunRequest } from '../api-types.js';
import { MAX_WAIT_SECONDS } from '../endpoints/fields.js';
import { DEFAULT_URL, ErrandClient } from './client.js';
import { followRun } from './follow-run.js';
import { isPassing } from './transport.js';

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;
const PATIENCE_MS = 120_000;

export interface ConnectOptions {
  /** `http://127.0.0.1:8787` when not given. */
  readonly url?: string;
  readonly apiKey: string;
  /** How long a server may be away before a call gives up; 120 s when not given. */
  readonly patienceMs?: number;
}

export interface StartOptions extends Omit<ApiRunRequest, 'workflow_id' | 'input' | 'wait_seconds'> {
  readonly signal?: AbortSignal;
}

/** Browsers, workers, Deno and Node have these alike. */
const CLOCK: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, wake) => {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What goes into and comes out of workflows, by their ids: what `errand workflows types` writes. */
export type WorkflowMap<W> = { readonly [Id in keyof W]: { readonly input: unknown; readonly output: unknown } };

export interface AnyWorkflows {
  readonly [id: string]: { readonly input: Json; readonly output: Json };
}

/** A run whose output is of this type, once it has one. */
export type RunOf<Output> = Omit<ApiRun, 'output'> & { readonly output?: Output };

export function connect<W extends WorkflowMap<W> = AnyWorkflows>(options: ConnectOptions): Connection<W> {
  return new Connection<W>(options);
}

/**
 * Runs of one server. Calls are made again while the server is away or asks for patience: they start a run once at
 * most, as each has an idempotency key. Failures are `ErrandError`s.
 */
export class Connection<W extends WorkflowMap<W> = AnyWorkflows> {
  /** Every endpoint of the REST API, called once. */
  readonly api: ErrandClient;
  readonly #patienceMs: number;

  constructor({ url = DEFAULT_URL, apiKey, patienceMs = PATIENCE_MS }: ConnectOptions) {
    this.api = new ErrandClient({ url, apiKey });
    this.#patienceMs = patienceMs;
  }

  /** Starts a run, once, however often the request has to be made. */
  start<Id extends keyof W & string>(
    workflowId: Id,
    input?: W[Id]['input'],
    { signal, ...given }: StartOptions = {},
  ): Promise<RunOf<W[Id]['output']>> {
    const request: ApiRunRequest = {
      idempotency_key: crypto.randomUUID(),
      ...given,
      workflow_id: workflowId,
      ...(input === undefined ? {} : { input: input as Json }),
    };
    return this.#patiently(() => this.api.startRun(request), signal);
  }

  /** The run as it has ended, however it has. */
  async wait(runId: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<ApiRun> {
    const waiting = { waitSeconds: MAX_WAIT_SECONDS, ...(signal === undefined ? {} : { signal }) };
    for (;;) {
      const run = await this.#patiently(() => this.api.waitForRun(runId, waiting), signal);
      if (run.terminal) return run;
    }
  }

  /** Starts a run and waits for its end. */
  async run<Id extends keyof W & string>(
    workflowId: Id,
    input?: W[Id]['input'],
    options: StartOptions = {},
  ): Promise<RunOf<W[Id]['output']>> {
    const { run_id } = await this.start(workflowId, input, options);
    return await this.wait(run_id, options);
  }

  /** The run's events, each once and in order, until the one that ends it, over restarts of the server. */
  events(
    runId: string,
    { after = 0, signal }: { readonly after?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ApiEvent> {
    return followRun({
      client: this.api,
      runId,
      afterSeq: after,
      signal: signal ?? new AbortController().signal,
      clock: CLOCK,
      giveUpAfterMs: this.#patienceMs,
    });
  }

  get(runId: string): Promise<ApiRun> {
    return this.#patiently(() => this.api.getRun(runId));
  }

  cancel(runId: string, reason?: string): Promise<ApiRun> {
    return this.#patiently(() => this.api.cancelRun(runId, reason === undefined ? {} : { reason }));
  }

  /** Answers what a node asks. */
  answer(runId: string, nodeId: string, answer: Json): Promise<ApiRun> {
    return this.api.answerRun(runId, nodeId, answer);
  }

  /** Does the run's work again, in a new run. */
  rerun(runId: string, request: ApiRerunRequest = {}): Promise<ApiRun> {
    const asked = { idempotency_key: crypto.randomUUID(), ...request };
    return this.#patiently(() => this.api.rerun(runId, asked));
  }

  async #patiently<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const begun = CLOCK.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs)) {
      signal?.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        signal?.throwIfAborted();
        if (!isPassing(error) || CLOCK.now() - begun > this.#patienceMs) throw error;
        await pause(CLOCK, Math.max(pauseMs, (error.retryAfterSeconds ?? 0) * 1_000), signal);
      }
    }
  }
}
