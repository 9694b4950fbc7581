import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/ports/clock.js';
import { isJsonObject, type Json } from '../../core/json.js';
import { parseJson } from '../../core/text/parse-json.js';
import type { Logger } from '../../core/ports/logger.js';
import { errorText, parseMessages, rpcError, type Message, type Parsed, type RequestId } from '../message/json-rpc.js';
import type { McpReply, McpRequest } from '../mcp-server.js';
import { LineReader, type Line } from './line-reader.js';

/** Who answers what comes in over standard input. */
export interface StdioPeer {
  handle(request: PeerRequest): Promise<McpReply>;
  /** What clients of the handshake era are told without asking, until the signal aborts; null when there is nothing. */
  listen(request: Pick<PeerRequest, 'revision' | 'signal'>): Promise<McpReply> | null;
}

export interface PeerRequest extends Pick<McpRequest, 'text' | 'signal'> {
  /** What `text` says; well-formed. */
  readonly parsed: Parsed;
  /** What the handshake has come to; null before it, and for messages that carry their own. */
  readonly revision: string | null;
}

export interface StdioParams {
  readonly input: AsyncIterable<string | Uint8Array>;
  /** Resolves when there is room for more; does not reject. */
  readonly write: (line: string) => Promise<void>;
  readonly peer: StdioPeer;
  /** Aborts when the process is to end, or nobody reads its output any more. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxLineBytes?: number;
}

const MAX_LINE_BYTES = 1_048_576;
/**
 * How long answers may still take when the input has ended: a script's last call gets its answer, also where it is the
 * first, which opens the folder. Whoever is started next waits longer than this for the folder.
 */
const LAST_ANSWERS_MS = 4_000;
/** How long it may then take them to notice that nobody waits any more. */
const LETTING_GO_MS = 1_000;

/**
 * MCP over standard input and output, a message a line. Resolves when the input has ended, or `stop` aborts, and what
 * was asked is answered.
 */
export async function serveStdio(params: StdioParams): Promise<void> {
  const session = new StdioSession(params);
  const lines = new LineReader(params.maxLineBytes ?? MAX_LINE_BYTES);
  try {
    for await (const chunk of params.input) {
      for (const line of lines.push(chunk)) await session.take(line);
      if (params.stop.aborted) break;
    }
    for (const line of lines.end()) await session.take(line);
  } catch (error) {
    if (!params.stop.aborted) params.logger.error({ err: error }, 'Standard input cannot be read');
  }
  await session.end();
}

/** A request that is not answered yet. */
interface Pending {
  readonly controller: AbortController;
  /** It goes on until it is told to end. */
  readonly endless: boolean;
  cancelled: boolean;
}

class StdioSession {
  readonly #params: StdioParams;
  readonly #pending = new Set<Pending>();
  readonly #byId = new Map<RequestId, Pending>();
  readonly #work = new Set<Promise<void>>();
  #revision: string | null = null;
  #listening = false;
  /** The write of the last message: input is read no faster than output is taken. */
  #written: Promise<void> = Promise.resolve();

  constructor(params: StdioParams) {
    this.#params = params;
    params.stop.addEventListener('abort', () => this.#abort(() => true), { once: true });
  }

  /** Resolves when the next line may be taken; the answer may come much later. */
  async take(line: Line): Promise<void> {
    if (line.kind === 'too_long') {
      const error = rpcError('invalidRequest', `A message must not be longer than ${this.#maxBytes} bytes.`);
      await this.#write(errorText(idAtTheEnds(line), error));
      return;
    }
    const parsed = parseMessages(line.text);
    if (parsed.kind === 'malformed') return await this.#write(errorText(null, parsed.error));
    if (parsed.kind === 'single') {
      const { message } = parsed;
      if (message.kind === 'invalid' || message.kind === 'unfit') {
        return await this.#write(errorText(message.id, message.error));
      }
      if (message.kind === 'notification' && message.method === 'notifications/cancelled') return this.#cancel(message);
      const answered = this.#track(this.#answer(line.text, parsed));
      // What comes next is read in the light of what it comes to.
      if (message.kind === 'request' && message.method === 'initialize') await answered;
      if (message.kind === 'notification' && message.method === 'notifications/initialized') this.#listen();
    } else {
      void this.#track(this.#answer(line.text, parsed));
    }
    await this.#written;
  }

  async end(): Promise<void> {
    const { clock } = this.#params;
    this.#abort(({ endless }) => endless);
    const undos = [clock.schedule(LAST_ANSWERS_MS, () => this.#abort(() => true))];
    const late = new Promise<void>((resolve) => undos.push(clock.schedule(LAST_ANSWERS_MS + LETTING_GO_MS, resolve)));
    await Promise.race([this.#allAnswered(), late]);
    for (const undo of undos) undo();
  }

  async #allAnswered(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
    await this.#written;
  }

  get #maxBytes(): number {
    return this.#params.maxLineBytes ?? MAX_LINE_BYTES;
  }

  async #answer(text: string, parsed: Parsed): Promise<void> {
    const request = parsed.kind === 'single' && parsed.message.kind === 'request' ? parsed.message : null;
    const pending = this.#open(request?.method === 'subscriptions/listen');
    if (request !== null) this.#byId.set(request.id, pending);
    const opens = request?.method === 'initialize';
    try {
      const signal = (): AbortSignal => pending.controller.signal;
      const revision = opens ? null : this.#revision;
      const reply = await this.#params.peer.handle({ text, parsed, revision, signal });
      if (opens && reply.kind === 'answer') this.#revision = readRevision(reply.text) ?? this.#revision;
      await this.#send(reply, pending);
    } catch (error) {
      this.#params.logger.error({ err: error }, 'A message could not be answered');
      if (request !== null && !pending.cancelled) {
        await this.#write(errorText(request.id, rpcError('internalError', 'Something went wrong inside.')));
      }
    } finally {
      this.#pending.delete(pending);
      if (request !== null && this.#byId.get(request.id) === pending) this.#byId.delete(request.id);
    }
  }

  /** Once: whoever shakes hands again has its stream already. */
  #listen(): void {
    if (this.#listening) return;
    const pending = this.#open(true);
    const reply = this.#params.peer.listen({ revision: this.#revision, signal: () => pending.controller.signal });
    if (reply === null) {
      this.#pending.delete(pending);
      return;
    }
    this.#listening = true;
    void this.#track(
      reply
        // An answer in place of the stream is to a question that the client did not ask.
        .then((given) => (given.kind === 'stream' ? this.#send(given, pending) : undefined))
        .catch((error: unknown) => this.#params.logger.error({ err: error }, 'Changes are not told any more'))
        .finally(() => this.#pending.delete(pending)),
    );
  }

  async #send(reply: McpReply, pending: Pending): Promise<void> {
    if (reply.kind === 'answer' && !pending.cancelled) await this.#write(reply.text);
    if (reply.kind !== 'stream') return;
    for await (const message of reply.messages) {
      if (pending.cancelled) return;
      await this.#write(message);
    }
  }

  #write(message: string): Promise<void> {
    // To JSON they are letters like others; to some readers, Node's `readline` among them, they end a line.
    const line = message.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
    this.#written = this.#params.write(line);
    return this.#written;
  }

  /** Nothing is sent for a cancelled request any more. One that is unknown, or answered already, is no fault. */
  #cancel({ params }: Extract<Message, { kind: 'notification' }>): void {
    const id = params['requestId'];
    const pending = typeof id === 'string' || typeof id === 'number' ? this.#byId.get(id) : undefined;
    if (pending === undefined) return;
    pending.cancelled = true;
    pending.controller.abort();
  }

  #open(endless: boolean): Pending {
    const pending = { controller: new AbortController(), endless, cancelled: false };
    // All calls of a batch wait on it.
    setMaxListeners(0, pending.controller.signal);
    this.#pending.add(pending);
    if (this.#params.stop.aborted) pending.controller.abort();
    return pending;
  }

  #abort(which: (pending: Pending) => boolean): void {
    for (const pending of this.#pending) if (which(pending)) pending.controller.abort();
  }

  #track(work: Promise<void>): Promise<void> {
    this.#work.add(work);
    return work.finally(() => this.#work.delete(work));
  }
}

function readRevision(answer: string): string | null {
  const { result } = JSON.parse(answer) as { result?: Json };
  const revision = isJsonObject(result) ? result['protocolVersion'] : null;
  return typeof revision === 'string' ? revision : null;
}

/**
 * Clients write a message's id before its params or at its very end, so the answer nearly always finds who waits for
 * it.
 */
function idAtTheEnds({ head, tail }: { readonly head: string; readonly tail: string }): RequestId | null {
  const found =
    /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(-?\d+|"[^"\\]*")\s*,/.exec(head) ??
    /"id"\s*:\s*(-?\d+|"[^"\\]*")\s*\}$/.exec(tail);
  const id = found?.[1] === undefined ? null : parseJson(found[1]);
  return id?.kind === 'json' ? (id.json as RequestId) : null;
}
