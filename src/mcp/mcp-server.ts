import { isErrandError, type ErrandError } from '../core/errors.js';
import type { Principal } from '../core/principal.js';
import { hideInternals } from './hide-internals.js';
import { errorText, parseMessages, resultText, rpcError, type Message, type RequestId } from './json-rpc.js';
import type { Codec, McpOptions, Method, MethodContext, Outcome } from './protocol/codec.js';
import { CODECS, codecFor, REVISIONS, UNSAID_REVISION } from './protocol/eras.js';
import { toolListJson } from './tool-list.js';

export interface McpRequest {
  /** The body as it came. */
  readonly text: string;
  /** The revision that the transport says is spoken (`MCP-Protocol-Version`); null when it says none. */
  readonly revision: string | null;
  /** Throws `unauthenticated`. */
  readonly authenticate: () => Promise<Principal>;
}

export type McpReply =
  /** Nothing was asked, so nothing is answered. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'answer';
      readonly text: string;
      /** Set when the transport is to show the failure too: the message made no sense, or was refused. */
      readonly refusal: 'bad_request' | ErrandError | null;
    };

/** One contract served: bodies in, bodies out, nothing kept between them. Never throws. */
export interface McpServer {
  handle(request: McpRequest): Promise<McpReply>;
  /** The answer to a body that is not looked at, for its request's id when that can be told. */
  refuse(error: ErrandError, text: string | null): string;
}

const MAX_BATCH = 100;

export function createMcpServer(options: McpOptions): McpServer {
  const shared = { ...options, toolsJson: toolListJson(options.contract) };
  return {
    handle: (request) => handle(request, shared),
    refuse: (error, text) => errorText(text === null ? null : idOf(text), options.contract.renderRefusal(error)),
  };
}

type Shared = Omit<MethodContext, 'authenticate'>;

async function handle(request: McpRequest, shared: Shared): Promise<McpReply> {
  const context: MethodContext = { ...shared, authenticate: once(request.authenticate) };
  if (shared.contract.keyFor === 'every_message') {
    const refused = await refuseWithoutKey(context);
    if (refused !== null) return answerError(idOf(request.text), refused);
  }
  const parsed = parseMessages(request.text);
  switch (parsed.kind) {
    case 'malformed':
      return badRequest(null, parsed.error);
    case 'single':
      return await answerSingle(parsed.message, request.revision, context);
    case 'batch':
      return await answerBatch(parsed.messages, request.revision, context);
  }
}

async function answerSingle(message: Message, revision: string | null, context: MethodContext): Promise<McpReply> {
  if (message.kind === 'invalid') return badRequest(message.id, message.error);
  if (message.kind !== 'request') return { kind: 'none' };
  const found = findMethod(revision, message.method);
  switch (found.kind) {
    case 'unknown':
      return { kind: 'answer', text: errorText(message.id, unknownMethod(message.method)), refusal: null };
    case 'unsupported_revision':
      return badRequest(message.id, unsupportedRevision(revision));
    case 'method': {
      const outcome = await answerWith(found.method, message, context);
      if (outcome.kind === 'result') {
        return { kind: 'answer', text: resultText(message.id, outcome.json), refusal: null };
      }
      return answerError(message.id, outcome);
    }
  }
}

async function answerBatch(
  messages: readonly Message[],
  revision: string | null,
  context: MethodContext,
): Promise<McpReply> {
  const codec = codecFor(revision ?? UNSAID_REVISION);
  if (codec === null) return badRequest(null, unsupportedRevision(revision));
  if (!codec.allowsBatches(revision ?? UNSAID_REVISION)) {
    return badRequest(null, rpcError('invalidRequest', `Protocol revision ${revision} has no batches.`));
  }
  if (messages.length === 0 || messages.length > MAX_BATCH) {
    return badRequest(null, rpcError('invalidRequest', `A batch holds 1 to ${MAX_BATCH} messages.`));
  }
  const replies = await Promise.all(
    messages.map(async (message) =>
      message.kind === 'request' && message.method === 'initialize'
        ? badRequest(message.id, rpcError('invalidRequest', '"initialize" must not be part of a batch.'))
        : answerSingle(message, revision, context),
    ),
  );
  const answers = replies.filter((reply) => reply.kind === 'answer');
  if (answers.length === 0) return { kind: 'none' };
  const unauthenticated = answers.find(({ refusal }) => isErrandError(refusal) && refusal.code === 'unauthenticated');
  return {
    kind: 'answer',
    text: `[${answers.map((answer) => answer.text).join(',')}]`,
    refusal: unauthenticated?.refusal ?? null,
  };
}

type Found =
  | { readonly kind: 'method'; readonly method: Method }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unsupported_revision' };

function findMethod(revision: string | null, name: string): Found {
  const spoken = revision ?? UNSAID_REVISION;
  const codec = codecFor(spoken);
  if (codec !== null) {
    const method = codec.findMethod(spoken, name);
    return method === null ? { kind: 'unknown' } : { kind: 'method', method };
  }
  // A client that probes for a revision we lack must learn that the method is unknown, and may still open a handshake.
  const method = CODECS.map((known: Codec) => known.findMethod(known.revisions[0] ?? '', name)).find((m) => m !== null);
  if (method === undefined || method === null) return { kind: 'unknown' };
  return method.opens ? { kind: 'method', method } : { kind: 'unsupported_revision' };
}

async function answerWith(
  method: Method,
  message: Extract<Message, { kind: 'request' }>,
  context: MethodContext,
): Promise<Outcome> {
  if (method.needsKey) {
    const refused = await refuseWithoutKey(context);
    if (refused !== null) return refused;
  }
  try {
    return await method.answer(message.params, context);
  } catch (thrown) {
    const error = hideInternals(thrown, context);
    return { kind: 'error', error: rpcError('internalError', error.message), refusal: null };
  }
}

async function refuseWithoutKey(context: MethodContext): Promise<Extract<Outcome, { kind: 'error' }> | null> {
  try {
    await context.authenticate();
    return null;
  } catch (thrown) {
    const error = hideInternals(thrown, context);
    return { kind: 'error', error: context.contract.renderRefusal(error), refusal: error };
  }
}

function answerError(id: RequestId | null, outcome: Extract<Outcome, { kind: 'error' }>): McpReply {
  return { kind: 'answer', text: errorText(id, outcome.error), refusal: outcome.refusal };
}

function badRequest(id: RequestId | null, error: Parameters<typeof errorText>[1]): McpReply {
  return { kind: 'answer', text: errorText(id, error), refusal: 'bad_request' };
}

function unknownMethod(method: string): Parameters<typeof errorText>[1] {
  return rpcError('methodNotFound', `Method not found: ${method.slice(0, 100)}`);
}

function unsupportedRevision(requested: string | null): Parameters<typeof errorText>[1] {
  const message = `Unsupported protocol version. Supported: ${REVISIONS.join(', ')}.`;
  return rpcError('invalidRequest', message, { supported: REVISIONS, requested });
}

function idOf(text: string): RequestId | null {
  const parsed = parseMessages(text);
  if (parsed.kind !== 'single') return null;
  const { message } = parsed;
  return message.kind === 'request' || message.kind === 'invalid' ? message.id : null;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | null = null;
  return () => (promise ??= work());
}
