import { ConcurrencyLimit } from '../auth/limits/concurrency-limit.js';
import { isErrandError, type ErrandError } from '../core/errors.js';
import { nextTurn } from '../core/event-loop.js';
import { isJsonObject, type JsonObject } from '../core/json.js';
import type { WindowUsage } from '../core/ports/rate-limiter.js';
import type { Principal } from '../core/tenant/principal.js';
import { toPublicError } from './tool-kit/to-public-error.js';
import {
  errorText,
  parseMessages,
  resultText,
  rpcError,
  type Message,
  type Parsed,
  type RequestId,
  type RpcError,
} from './message/json-rpc.js';
import type { ClientView, LogLevel } from './contract/call-context.js';
import type { Era, OpenedRequest } from './protocol/base/era.js';
import { plainClient } from './protocol/handshake/handshake-era.js';
import { listChanges } from './protocol/handshake/list-changes.js';
import {
  BATCH_REVISION,
  isHandshakeRevision,
  DEFAULT_REVISION,
  type HandshakeRevision,
} from './protocol/base/handshake-revisions.js';
import {
  type EraRules,
  failure,
  type FinalOutcome,
  type HeaderReader,
  type McpOptions,
  type MethodContext,
  type Outcome,
  type Refusal,
  type ServerParts,
} from './protocol/base/method.js';
import { chooseEra } from './protocol/route.js';
import { runMethod } from './protocol/base/method.js';
import { META } from './protocol/stateless/names.js';
import type { ChangeSource } from './contract/sources.js';

export interface McpRequest {
  /** The body as it came. */
  readonly text: string;
  /** The revision that the transport says is spoken (`MCP-Protocol-Version`); null when it says none. */
  readonly revision: string | null;
  /** The headers that say again what the body says, by lower-case name; null over a transport that has none. */
  readonly headers: HeaderReader | null;
  /** Whether the client takes several messages as the answer. */
  readonly streams: boolean;
  /** Throws `unauthenticated`. */
  readonly authenticate: () => Promise<Principal>;
  /** The challenge that goes with a refusal; absent over a transport that has none. */
  readonly challengeOf?: (error: ErrandError) => string;
  /** Takes what is left of the caller's limits, before the answer is there. */
  readonly tellUsage?: (usage: WindowUsage) => void;
  /** Aborts when the client has gone or the server stops; called at most once, and only when something waits. */
  readonly signal: () => AbortSignal;
}

export type McpReply =
  /** Nothing was asked, so nothing is answered. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'answer';
      readonly text: string;
      /** Set when the transport is to show the failure too: the message made no sense, or was refused. */
      readonly refusal: Refusal;
    }
  /** Messages as they come about, the answer last. To stop reading them is to lose no more than the answer. */
  | { readonly kind: 'stream'; readonly messages: AsyncIterable<string> };

/** One contract served: bodies in, bodies out, nothing kept between them. Never throws. */
export interface McpServer {
  handle(request: McpRequest): Promise<McpReply>;
  /**
   * What clients of the handshake era are told without asking, as long as the signal does not abort; null when there is
   * nothing to tell them.
   */
  listen(request: ListenRequest): Promise<McpReply> | null;
  /** The answer to a body that is not looked at, for its request's id when that can be told. */
  refuse(error: ErrandError, text: string | null): string;
}

export type ListenRequest = Pick<McpRequest, 'revision' | 'authenticate' | 'signal'>;

type Failed = Extract<FinalOutcome, { kind: 'error' }>;

const MAX_BATCH = 100;
/** Characters, about: the last answer may go beyond. */
const MAX_BATCH_LENGTH = 4 * 1024 * 1024;
/** Streams that listen with one key at a time. */
const MAX_LISTENERS = 100;
const NO_META: JsonObject = Object.freeze({});

export function createMcpServer(options: McpOptions): McpServer {
  const server: ServerParts = {
    ...options,
    fixedTools: new Map(options.contract.tools.fixed.map((tool) => [tool.name, tool])),
    serverInfo: { name: 'errand', title: 'Errand', version: options.version },
    listeners: new ConcurrencyLimit({ max: MAX_LISTENERS, what: 'listening streams' }),
  };
  return {
    handle: (request) => handle(request, server),
    listen: (request) => listen(request, server),
    refuse: (error, text) =>
      failureText(text === null ? null : readId(parseMessages(text)), options.contract.renderRefusal(error), server),
  };
}

function listen(request: ListenRequest, server: ServerParts): Promise<McpReply> | null {
  const { changes } = server.contract;
  const revision = request.revision ?? DEFAULT_REVISION;
  if (changes === undefined || !isHandshakeRevision(revision)) return null;
  return openListening(changes, revision, request, server);
}

async function openListening(
  changes: ChangeSource,
  revision: HandshakeRevision,
  { authenticate, signal }: ListenRequest,
  server: ServerParts,
): Promise<McpReply> {
  try {
    const caller = await authenticate();
    const client = plainClient(revision);
    const call = { services: server.services, caller, client, signal: signal() };
    return { kind: 'stream', messages: await listChanges(changes, call, server) };
  } catch (thrown) {
    const error = toPublicError(thrown, server);
    return answerError(null, failure(server.contract.renderRefusal(error), error), server);
  }
}

/** A body on its way: what all messages in it share. */
class Body {
  readonly request: McpRequest;
  readonly server: ServerParts;
  #caller: Promise<Principal> | null = null;
  #signal: AbortSignal | null = null;

  constructor(request: McpRequest, server: ServerParts) {
    this.request = request;
    this.server = server;
  }

  authenticate(): Promise<Principal> {
    return (this.#caller ??= this.request.authenticate());
  }

  get signal(): AbortSignal {
    return (this.#signal ??= this.request.signal());
  }
}

interface ContextParams {
  readonly body: Body;
  readonly id: RequestId;
  readonly meta: JsonObject;
  readonly opened: OpenedRequest;
  readonly streams: boolean;
}

/**
 * A class for its getter: most methods never look at the signal, and making it costs, as getters of single objects do.
 */
class RequestContext implements MethodContext {
  readonly server: ServerParts;
  readonly client: ClientView;
  readonly rules: EraRules;
  readonly requestId: RequestId;
  readonly meta: JsonObject;
  readonly logLevel: LogLevel | null;
  readonly headers: HeaderReader | null;
  readonly streams: boolean;
  readonly tellUsage: MethodContext['tellUsage'];
  readonly challengeOf: MethodContext['challengeOf'];
  readonly #body: Body;

  constructor({ body, id, meta, opened, streams }: ContextParams) {
    this.server = body.server;
    this.client = opened.client;
    this.rules = opened.rules;
    this.requestId = id;
    this.meta = meta;
    this.logLevel = opened.logLevel;
    this.headers = body.request.headers;
    this.streams = streams;
    this.tellUsage = body.request.tellUsage ?? null;
    this.challengeOf = body.request.challengeOf ?? null;
    this.#body = body;
  }

  get signal(): AbortSignal {
    return this.#body.signal;
  }

  authenticate(): Promise<Principal> {
    return this.#body.authenticate();
  }
}

async function handle(request: McpRequest, server: ServerParts): Promise<McpReply> {
  const body = new Body(request, server);
  if (server.contract.keyFor === 'every_message') {
    const refused = await refuseWithoutKey(body);
    if (refused !== null) return answerError(readId(parseMessages(request.text)), refused, server);
  }
  const parsed = parseMessages(request.text);
  switch (parsed.kind) {
    case 'malformed':
      return badRequest(null, parsed.error, server);
    case 'single':
      return await answerSingle(parsed.message, body, request.streams);
    case 'batch':
      return await answerBatch(parsed.messages, body);
  }
}

async function answerSingle(message: Message, body: Body, streams: boolean): Promise<McpReply> {
  if (message.kind === 'invalid') return badRequest(message.id, message.error, body.server);
  if (message.kind === 'unfit') return answerError(message.id, failure(message.error), body.server);
  if (message.kind === 'response') body.server.contract.onResponse?.(message.body);
  if (message.kind !== 'request') return { kind: 'none' };
  const { id, method, params } = message;
  const { server, request } = body;
  const { headers, revision } = request;
  const given = params['_meta'];
  const meta = isJsonObject(given) ? given : NO_META;
  const era = chooseEra({ method, meta, revision });
  if ('kind' in era) return answerError(id, era, server);
  const opened = era.open({ method, params, meta, headers, server });
  server.metrics?.observeMcp('kind' in opened ? null : method);
  if ('kind' in opened) return answerError(id, opened, server);
  const context = new RequestContext({ body, id, meta, opened, streams });
  const work = (): Promise<Outcome> => runMethod(opened.method, params, context);
  const { tracing } = server;
  const outcome = await (tracing === undefined
    ? work()
    : tracing.serveMcp({ method, params, meta, id, failure: failureIn }, work));
  return toReply(id, outcome, era, server);
}

/** What kind of failure an outcome is, for whoever looks on; null for none. */
function failureIn(outcome: Outcome): string | null {
  if (outcome.kind === 'error') return String(outcome.error.code);
  return outcome.kind === 'result' && outcome.json.includes('"isError":true') ? 'tool_error' : null;
}

function toReply(id: RequestId, outcome: Outcome, era: Era, server: ServerParts): McpReply {
  switch (outcome.kind) {
    case 'error':
      return answerError(id, outcome, server);
    case 'stream':
      return { kind: 'stream', messages: streamTexts(id, outcome, era, server) };
    default: {
      const refusal = outcome.kind === 'result' ? (outcome.refusal ?? null) : null;
      return { kind: 'answer', text: finalText(id, outcome, era, server), refusal };
    }
  }
}

async function* streamTexts(
  id: RequestId,
  { messages, end }: Extract<Outcome, { kind: 'stream' }>,
  era: Era,
  server: ServerParts,
): AsyncGenerator<string, void> {
  yield* messages;
  yield finalText(id, await end, era, server);
}

function finalText(id: RequestId, outcome: FinalOutcome, era: Era, server: ServerParts): string {
  return outcome.kind === 'error'
    ? failureText(id, outcome.error, server)
    : resultText(id, era.render(outcome, server));
}

async function answerBatch(messages: readonly Message[], body: Body): Promise<McpReply> {
  const { request, server } = body;
  const { revision } = request;
  if ((revision ?? DEFAULT_REVISION) !== BATCH_REVISION) {
    return badRequest(null, rpcError('invalidRequest', `Protocol revision ${revision} has no batches.`), server);
  }
  if (messages.length === 0 || messages.length > MAX_BATCH) {
    return badRequest(null, rpcError('invalidRequest', `A batch holds 1 to ${MAX_BATCH} messages.`), server);
  }
  if (messages.some(standsAlone)) {
    const error = rpcError('invalidRequest', 'A request that carries its protocol revision stands alone.');
    return badRequest(null, error, server);
  }
  // They wait together, but each begins in a turn of the event loop of its own.
  let turn = Promise.resolve();
  const bounded = new BoundedAnswers(messages, server);
  await Promise.all(
    messages.map((message, index) => {
      turn = turn.then(nextTurn);
      return turn.then(async () => bounded.add(index, await answerInBatch(message, body)));
    }),
  );
  const answers = bounded.list();
  if (answers.length === 0) return { kind: 'none' };
  const unauthenticated = answers.find(({ refusal }) => isErrandError(refusal) && refusal.code === 'unauthenticated');
  return {
    kind: 'answer',
    text: `[${answers.map((answer) => answer.text).join(',')}]`,
    refusal: unauthenticated?.refusal ?? null,
  };
}

async function answerInBatch(message: Message, body: Body): Promise<McpReply> {
  return message.kind === 'request' && message.method === 'initialize'
    ? badRequest(message.id, rpcError('invalidRequest', '"initialize" must not be part of a batch.'), body.server)
    : await answerSingle(message, body, false);
}

type McpAnswer = Extract<McpReply, { kind: 'answer' }>;

/**
 * Once the answers of a batch are long together, those that come behind are not given, nor kept until the others are
 * there.
 */
class BoundedAnswers {
  readonly #messages: readonly Message[];
  readonly #server: ServerParts;
  /** In the order of the messages; null: none, or none yet. */
  readonly #answers: (McpAnswer | 'not given' | null)[];

  constructor(messages: readonly Message[], server: ServerParts) {
    this.#messages = messages;
    this.#server = server;
    this.#answers = messages.map(() => null);
  }

  add(index: number, reply: McpReply): void {
    if (reply.kind !== 'answer') return;
    this.#answers[index] = reply;
    let length = 0;
    for (const [place, answer] of this.#answers.entries()) {
      if (answer === null) continue;
      if (length > MAX_BATCH_LENGTH) this.#answers[place] = 'not given';
      else if (answer !== 'not given') length += answer.text.length;
    }
  }

  list(): readonly McpAnswer[] {
    return this.#answers.flatMap((answer, index) => {
      if (answer === null) return [];
      return answer === 'not given' ? [this.#refuse(this.#messages[index])] : [answer];
    });
  }

  #refuse(message: Message | undefined): McpAnswer {
    const id = message?.kind === 'request' ? message.id : null;
    const error = rpcError('internalError', 'The answers of this batch are too long together. Ask for less at a time.');
    return { kind: 'answer', text: failureText(id, error, this.#server), refusal: null };
  }
}

function standsAlone(message: Message): boolean {
  if (message.kind !== 'request') return false;
  const meta = message.params['_meta'];
  return isJsonObject(meta) && meta[META.protocolVersion] !== undefined;
}

async function refuseWithoutKey(body: Body): Promise<Failed | null> {
  const { server } = body;
  try {
    await body.authenticate();
    return null;
  } catch (thrown) {
    const error = toPublicError(thrown, server);
    return failure(server.contract.renderRefusal(error), error);
  }
}

function answerError(id: RequestId | null, { error, refusal }: Failed, server: ServerParts): McpReply {
  return { kind: 'answer', text: failureText(id, error, server), refusal };
}

function badRequest(id: RequestId | null, error: RpcError, server: ServerParts): McpReply {
  return answerError(id, failure(error, 'bad_request'), server);
}

function failureText(id: RequestId | null, error: RpcError, { contract }: ServerParts): string {
  const shaped = contract.shapeError?.(id, error) ?? { id, error };
  return errorText(shaped.id, shaped.error);
}

function readId(parsed: Parsed): RequestId | null {
  if (parsed.kind !== 'single') return null;
  const { message } = parsed;
  return message.kind === 'notification' || message.kind === 'response' ? null : message.id;
}
