import type { Clock } from '../../core/ports/clock.js';
import { ForbiddenAddress, type OutboundFetch } from '../../core/ports/outbound.js';
import type { Logger } from '../../core/ports/logger.js';
import type { ModelAnswer, ModelCallOptions, ModelRequest, Usage } from '../../core/models/models.js';
import type { ModelPrice } from '../../core/models/models-config.js';
import type { NodeFailure } from '../../core/handlers/node-kind.js';
import type { FetchFile } from '../files/fetch-file.js';
import { fetchFiles } from '../files/files.js';
import type { Target } from '../catalogue/model-catalog.js';
import { openModel } from '../catalogue/open-model.js';
import { costMicros, type PricedTokens } from '../catalogue/prices.js';
import { AnswerReader, type StreamedAnswer } from '../answers/read-answer.js';
import { scrub } from '../provider/scrub.js';
import type { SdkModel } from '../provider/sdk.js';
import { toCall } from './to-call.js';
import { endedEarly, type ProviderExchange, modelFailure, toFailure } from '../provider/to-failure.js';
import { ReportedUsage } from '../answers/reported-usage.js';

export interface AskParams {
  readonly target: Target;
  readonly key: string | null;
  readonly price: ModelPrice | null;
  readonly request: ModelRequest;
  readonly options: ModelCallOptions;
  readonly packagesFrom: readonly string[];
  readonly fetch: OutboundFetch;
  readonly fetchFile: FetchFile;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * What the call used that then failed, where the provider told: once, and before anybody hears of the failure or of
   * what aborted the call.
   */
  readonly onLost: (usage: Usage) => void;
}

/**
 * Asks one model once. Spoken to is the provider's model itself and not `streamText`: that would take as long again as
 * the provider does, and retries, tool loops and telemetry are others' work here.
 */
export async function askModel(params: AskParams): Promise<ModelAnswer> {
  const { target, key, options } = params;
  const { signal } = options;
  const exchange: ProviderExchange = { sent: false, status: null, headers: {} };
  // Aborted when the call fails, too: what the provider still sends is not waited for.
  const stop = new AbortController();
  const told = new ReportedUsage();
  let isOpen = true;
  const tellLost = (): void => {
    const { tokens } = told;
    if (isOpen && tokens !== null) params.onLost(toUsage(tokens, params.price));
    isOpen = false;
  };
  const abort = (): void => {
    tellLost();
    stop.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    const model = await openModel({
      ...target,
      key,
      packagesFrom: params.packagesFrom,
      fetch: watchedFetch(params.fetch, exchange, target.fullName),
    });
    const answer = await converse({ ...params, model, exchange, told, signal: stop.signal });
    isOpen = false;
    return answer;
  } catch (thrown) {
    tellLost();
    if (signal.aborted) throw signal.reason;
    stop.abort(thrown);
    const secrets = [...(key === null ? [] : [key]), ...Object.values(target.headers)];
    throw toFailure(thrown, { name: target.fullName, exchange, secrets, now: params.clock.now() });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function converse(
  params: AskParams & {
    readonly model: SdkModel;
    readonly exchange: ProviderExchange;
    readonly told: ReportedUsage;
    readonly signal: AbortSignal;
  },
): Promise<ModelAnswer> {
  const { target, request, options, model, exchange, told, fetchFile, signal } = params;
  const files = await fetchFiles({ model, messages: request.messages, fetchFile, signal });
  const call = toCall({ ...target, request, files });
  const { stream } = await model.doStream({ ...call, includeRawChunks: true, abortSignal: signal });
  const reader = new AnswerReader((delta, offset) => options.onText?.(delta, offset));
  await readAll(stream, signal, (part) => {
    if (part.type === 'stream-start' && part.warnings.length > 0) {
      params.logger.debug(
        { model: target.fullName, warnings: part.warnings },
        'The model provider left something out.',
      );
    }
    told.read(part);
    reader.read(part);
  });
  const answer = reader.result();
  if (answer.finish === null) throw endedEarly(target.fullName, exchange);
  if (answer.finish === 'content_filter' || answer.refusal !== '') throw toRefusalFailure(target, answer);
  if (answer.fault !== null) {
    const message = `${target.fullName} gave an answer that cannot be used: ${scrub(answer.fault, [])}`;
    throw modelFailure('model_bad_answer', message);
  }
  return {
    model: target.fullName,
    text: answer.text,
    toolCalls: answer.toolCalls,
    finish: answer.finish,
    assistant: answer.assistant,
    usage: toUsage(told.tokens ?? NO_TOKENS, params.price),
  };
}

async function readAll<Part>(
  stream: ReadableStream<Part>,
  signal: AbortSignal,
  read: (part: Part) => void,
): Promise<void> {
  const reader = stream.getReader();
  // The streams in between hand an abort on only when the next bytes come. Not waited for: they may never come.
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      read(value);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Tells what the SDK's errors do not: whether a request went out, and what came back with it. */
function watchedFetch(fetch: OutboundFetch, exchange: ProviderExchange, name: string): typeof globalThis.fetch {
  return async (input, init = {}) => {
    exchange.sent = true;
    const answer = input instanceof Request ? fetchRequest(fetch, input, init) : fetch(input, init);
    const response = await answer.catch((error: unknown) => {
      if (!(error instanceof ForbiddenAddress)) throw error;
      throw modelFailure('model_not_configured', `${name} is not asked: ${error.message}`);
    });
    exchange.status = response.status;
    exchange.headers = Object.fromEntries(response.headers);
    return response;
  };
}

/** Packages of providers may put it all into a Request. */
async function fetchRequest(fetch: OutboundFetch, input: Request, init: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { url, method, headers, redirect, signal } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  return fetch(url, { method, headers, redirect, signal, body });
}

function toRefusalFailure({ fullName }: Target, answer: StreamedAnswer): NodeFailure {
  const words = scrub(answer.refusal === '' ? answer.text : answer.refusal, []);
  return modelFailure('model_refused', `${fullName} refused${words === '' ? ', without a word' : `: ${words}`}`);
}

const NO_TOKENS: PricedTokens = { input: 0, cached: 0, cacheWrite: 0, output: 0 };

/** What one call used. */
function toUsage(tokens: PricedTokens, price: ModelPrice | null): Usage {
  return {
    calls: 1,
    inputTokens: tokens.input,
    cachedInputTokens: tokens.cached,
    outputTokens: tokens.output,
    costMicros: price === null ? 0 : costMicros(tokens, price),
    unpricedCalls: price === null ? 1 : 0,
  };
}
