import { pause, type Clock } from '../../core/ports/clock.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { Logger } from '../../core/ports/logger.js';
import { errorText, rpcError, type Message, type RequestId } from '../../mcp/message/json-rpc.js';
import type { McpReply } from '../../mcp/mcp-server.js';
import type { PeerRequest, StdioPeer } from '../../mcp/stdio/stdio-session.js';
import { describeCause, isNeverSent } from './fetch-failure.js';
import { requestHeaders } from './request-headers.js';
import { isAcknowledgement, listChanges, missedWhileAway } from './missed-changes.js';
import { readAnswer } from './read-answer.js';
import { sseMessages } from './sse-messages.js';

export interface RemotePeerOptions {
  /** The address of the MCP endpoint. */
  readonly url: string;
  readonly apiKey: string | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Request = Extract<Message, { kind: 'request' }>;

/** For how long a server that was there before is waited for: it restarts. */
const WAIT_FOR_SERVER_MS = 15_000;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5_000;
const LOOK_FIRST = 'What was asked for may have been done, or go on: look before asking for the same again.';

/** A server somewhere else: each message is sent on to it, and what it answers with comes back. */
export class RemotePeer implements StdioPeer {
  readonly #options: RemotePeerOptions;
  #reached = false;

  constructor(options: RemotePeerOptions) {
    this.#options = options;
  }

  async handle({ text, parsed, revision, signal }: PeerRequest): Promise<McpReply> {
    const message = parsed.kind === 'single' ? parsed.message : null;
    const request = message?.kind === 'request' ? message : null;
    const headers = { ...requestHeaders(message, revision), ...this.#headers() };
    const post: RequestInit = { method: 'POST', headers, body: text, signal: signal() };
    try {
      const response = await this.#fetch(post, request !== null && isRepeatable(request));
      if (isStream(response)) {
        const messages =
          request?.method === 'subscriptions/listen'
            ? this.#follow(response, { id: request.id, reopen: post })
            : this.#relay(response, request);
        return { kind: 'stream', messages };
      }
      const answer = await readAnswer(response, { url: this.#options.url, id: request?.id ?? null });
      if (response.status === 401) this.#options.logger.error({}, 'The server does not accept the API key');
      // Nobody waits for what becomes of a notification.
      return answer === null || message?.kind === 'notification' || message?.kind === 'response'
        ? { kind: 'none' }
        : { kind: 'answer', text: answer, refusal: null };
    } catch (error) {
      if (signal().aborted) return { kind: 'none' };
      const said = this.#explain(error, request === null || isRepeatable(request));
      return request === null ? { kind: 'none' } : { kind: 'answer', text: failed(request.id, said), refusal: null };
    }
  }

  listen({ revision, signal }: Pick<PeerRequest, 'revision' | 'signal'>): Promise<McpReply> {
    const said = revision === null ? {} : { 'mcp-protocol-version': revision };
    const headers = { accept: 'text/event-stream', ...said, ...this.#headers() };
    const get: RequestInit = { method: 'GET', headers, signal: signal() };
    return this.#fetch(get, true).then(
      async (response) => {
        if (isStream(response)) return { kind: 'stream', messages: this.#follow(response, { id: null, reopen: get }) };
        await response.body?.cancel();
        return { kind: 'none' };
      },
      (error: unknown) => {
        if (!signal().aborted) this.#explain(error, true);
        return { kind: 'none' };
      },
    );
  }

  /** The messages of one answer, which is the last of them. */
  async *#relay(response: Response, request: Request | null): AsyncGenerator<string, void> {
    try {
      for await (const { message, line } of sseMessages(response)) {
        yield line;
        if (request !== null && answers(message, request.id)) return;
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'A stream was cut');
    }
    if (request === null) return;
    yield failed(request.id, `The connection to ${this.#options.url} was cut before the answer. ${LOOK_FIRST}`);
  }

  /** A stream that is opened again whenever it ends, for as long as somebody listens. */
  async *#follow(
    first: Response,
    { id, reopen }: { readonly id: RequestId | null; readonly reopen: RequestInit },
  ): AsyncGenerator<string, void> {
    let acknowledged = false;
    for (let response: Response | null = first; response !== null; response = await this.#reopen(reopen)) {
      if (!isStream(response)) {
        const answer = await readAnswer(response, { url: this.#options.url, id });
        if (answer !== null && id !== null) yield answer;
        return;
      }
      if (id === null && response !== first) yield* listChanges().map((change) => JSON.stringify(change));
      try {
        for await (const { message, line } of sseMessages(response)) {
          // A server that stops says so; this one comes back, or another in its place.
          if (id !== null && answers(message, id)) break;
          if (!isAcknowledgement(message) || !acknowledged) yield line;
          else yield* missedWhileAway(message).map((change) => JSON.stringify(change));
          acknowledged ||= isAcknowledgement(message);
        }
      } catch (error) {
        this.#options.logger.debug({ err: error }, 'A stream was cut; it is opened anew');
      }
    }
  }

  /** Null when nobody listens any more. */
  async #reopen(request: RequestInit): Promise<Response | null> {
    for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(ms * 2, MAX_PAUSE_MS)) {
      if (request.signal?.aborted === true) return null;
      await pause(this.#options.clock, ms, request.signal);
      try {
        const response = await fetch(this.#options.url, request);
        if (response.status < 500) return response;
        await response.body?.cancel();
      } catch {
        // It is not back yet.
      }
    }
  }

  /** Waits for a server that was there before, where no harm can come from sending the request again. */
  async #fetch(request: RequestInit, repeatable: boolean): Promise<Response> {
    const { clock, url } = this.#options;
    const until = clock.now() + WAIT_FOR_SERVER_MS;
    for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(ms * 2, MAX_PAUSE_MS)) {
      try {
        const response = await fetch(url, request);
        this.#reached = true;
        return response;
      } catch (error) {
        const again = this.#reached && (repeatable || isNeverSent(error)) && clock.now() < until;
        if (!again || request.signal?.aborted === true) throw error;
        await pause(this.#options.clock, ms, request.signal);
      }
    }
  }

  #headers(): Record<string, string> {
    const { apiKey } = this.#options;
    return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  }

  #explain(error: unknown, repeatable: boolean): string {
    const { url, logger } = this.#options;
    const said = isNeverSent(error)
      ? `No Errand server answers at ${url} (${describeCause(error)}). Start one, or give its address with --url.`
      : `The connection to ${url} was cut (${describeCause(error)}).${repeatable ? '' : ` ${LOOK_FIRST}`}`;
    logger.error({}, said);
    return said;
  }
}

/**
 * Only tools change anything that asking twice would change twice, and those not when they are told what is the same.
 */
function isRepeatable({ method, params }: Request): boolean {
  if (method !== 'tools/call') return true;
  const { arguments: args, _meta: meta } = params;
  return (
    (isJsonObject(args) && typeof args['idempotency_key'] === 'string') ||
    (isJsonObject(meta) && typeof meta['dev.errand/idempotencyKey'] === 'string')
  );
}

function isStream(response: Response): boolean {
  return response.ok && (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
}

function answers(message: JsonObject, id: RequestId): boolean {
  return !('method' in message) && message['id'] === id;
}

function failed(id: RequestId, message: string): string {
  return errorText(id, rpcError('internalError', message, { code: 'unavailable' }));
}
