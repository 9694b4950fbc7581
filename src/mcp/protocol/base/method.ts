import { neededScope } from '../../../auth/needed-scope.js';
import type { ConcurrencyLimit } from '../../../auth/limits/concurrency-limit.js';
import type { Clock, NewId } from '../../../core/ports/clock.js';
import type { ErrandError } from '../../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { Tracing } from '../../../core/ports/tracing.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { CallLimits, WindowUsage } from '../../../core/ports/rate-limiter.js';
import type { Services } from '../../../service/interface/services.js';
import type { CallContext, ClientView, InputAnswers, InputRequired, LogLevel } from '../../contract/call-context.js';
import type { Contract, Tool } from '../../contract/contract.js';
import { type RpcError, rpcError } from '../../message/json-rpc.js';
import type { Task } from '../../contract/task.js';
import { countCall } from '../../../auth/limits/count-call.js';
import { fullMessage } from '../../tool-kit/check-value.js';
import { toPublicError } from '../../tool-kit/to-public-error.js';

/** One method of the protocol. Which revisions have it is said where their methods are listed. */
export interface Method {
  /** Whether the contract has what the method is about; if not, the method is unknown there. Always, when not given. */
  offered?(contract: Contract): boolean;
  /** True when the answer depends on who is calling. */
  needsKey(contract: Contract): boolean;
  /** Whether the call is counted against the caller's limit for reading; `tools/call` counts by itself. */
  readonly limited: boolean;
  /** May throw; `ErrandError`s are turned into errors of the protocol. */
  answer(params: JsonObject, context: MethodContext): Outcome | Promise<Outcome>;
}

export type Outcome =
  | FinalOutcome
  /** Messages while the work goes on, each JSON text; then the end, which does not reject. */
  | { readonly kind: 'stream'; readonly messages: AsyncIterable<string>; readonly end: Promise<FinalOutcome> };

export type FinalOutcome =
  /** `json` is the text of the result, an object without `_meta`. */
  | {
      readonly kind: 'result';
      readonly json: string;
      readonly meta?: JsonObject;
      readonly cache?: CacheHint;
      /** Set for a result that says no, where the transport is to say so too. */
      readonly refusal?: ErrandError;
    }
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'input_required'; readonly inputRequests: JsonObject; readonly requestState: string | null }
  | { readonly kind: 'error'; readonly error: RpcError; readonly refusal: Refusal };

/** What the transport shows of an error too; null: nothing, the message says it all. */
export type Refusal = 'bad_request' | 'unknown_method' | ErrandError | null;

/** For how long, and for whom, a client may keep a list; told in the stateless era only. */
export interface CacheHint {
  readonly ttlMs: number;
  /** `public`: the same for every caller. */
  readonly scope: 'public' | 'private';
}

/** What a contract is served with. */
export interface McpOptions {
  readonly contract: Contract;
  readonly services: Services;
  readonly limits: CallLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For the ids that tie an internal error's answer to its log line. */
  readonly newId: NewId;
  readonly version: string;
  /** Whether people can sign in to call tools; not, when not given. */
  readonly signsIn?: boolean;
  /**
   * Seals the state of input-required results; the same in every process. Contracts that ask for no input need none.
   */
  readonly stateSecret?: string;
  /** Counts requests by method. */
  readonly metrics?: { observeMcp(method: string | null): void };
  /** Nothing is traced when not given. */
  readonly tracing?: Tracing;
}

/** What is the same for every request of one contract. */
export interface ServerParts extends McpOptions {
  readonly fixedTools: ReadonlyMap<string, Tool>;
  readonly serverInfo: JsonObject;
  /** Listening streams that each caller has open in this process. */
  readonly listeners: ConcurrencyLimit;
}

/** A request that may be answered with `input_required`: the answers come with the same request, made again. */
export interface ResumableRequest {
  /** `tools/call` or `prompts/get`. */
  readonly method: string;
  readonly params: JsonObject;
  readonly caller: Principal;
}

export type ErrorOutcome = Extract<FinalOutcome, { kind: 'error' }>;

/**
 * What an era demands of the methods that all eras have, and how it tells them no. Methods never ask which era it is.
 */
export interface EraRules {
  /** Which error says that there is no such resource. */
  readonly resourceNotFound: 'resourceNotFound' | 'invalidParams';
  /** Whether the stream of a call may carry requests to the client. */
  readonly sendsRequests: boolean;
  /** Why this client cannot get this tool's answer at all; null when it can. */
  refuseTool(tool: Tool, args: JsonObject, context: MethodContext): FinalOutcome | null;
  /** The answers that a client brings along when it asks again. */
  readAnswers(asked: ResumableRequest, context: MethodContext): InputAnswers | ErrorOutcome;
  toInputRequired(outcome: InputRequired, asked: ResumableRequest, context: MethodContext): FinalOutcome;
}

/** For a request that brings no answers along. */
export const NO_ANSWERS: InputAnswers = Object.freeze({ inputResponses: Object.freeze({}), requestState: null });

/** One request, as a method sees it. */
export interface MethodContext {
  readonly server: ServerParts;
  readonly client: ClientView;
  readonly rules: EraRules;
  readonly requestId: string | number;
  /** `_meta` of the request; empty when it has none. */
  readonly meta: JsonObject;
  /** The least urgent level that the client wants to be told of; null: it wants no log. */
  readonly logLevel: LogLevel | null;
  /** A header by its lower-case name; null over a transport that has none. */
  readonly headers: HeaderReader | null;
  /** Whether the answer may be a stream. */
  readonly streams: boolean;
  readonly signal: AbortSignal;
  /** Takes what is left of the caller's limits; null where nobody is told. */
  readonly tellUsage: ((usage: WindowUsage) => void) | null;
  /** What tells a client how to get in, or further, after such a refusal; null over a transport that has none. */
  readonly challengeOf: ((error: ErrandError) => string) | null;
  /** Throws `unauthenticated`. Asks once, however often it is called. */
  authenticate(): Promise<Principal>;
}

export type HeaderReader = (name: string) => string | undefined;

export function callContext(context: MethodContext, caller: Principal): CallContext {
  return new CallOf(context, caller);
}

/**
 * A class for its getter: most calls never look at the signal, and making it costs, as getters of single objects do.
 */
export class CallOf implements CallContext {
  readonly services: Services;
  readonly caller: Principal;
  readonly client: ClientView;
  readonly #context: MethodContext;

  constructor(context: MethodContext, caller: Principal) {
    this.services = context.server.services;
    this.caller = caller;
    this.client = context.client;
    this.#context = context;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }
}

export function failure(error: RpcError, refusal: Refusal = null): Extract<FinalOutcome, { kind: 'error' }> {
  return { kind: 'error', error, refusal };
}

/** Where hosts that link accounts look for the challenge that goes with HTTP 401 and 403. */
const CHALLENGE_META = 'mcp/www_authenticate';

/** The challenge once more inside of the message, where the contract has it so; null when there is none to say. */
export function challengeMeta(error: ErrandError, { server, challengeOf }: MethodContext): JsonObject | null {
  const isChallenge = error.code === 'unauthenticated' || neededScope(error) !== null;
  if (!isChallenge || challengeOf === null || server.contract.linksAccounts !== true) return null;
  return { [CHALLENGE_META]: [challengeOf(error)] };
}

/** A refusal that the transport shows too. */
export function refuse(error: ErrandError, context: MethodContext): ErrorOutcome {
  const rendered = context.server.contract.renderRefusal(error);
  const meta = challengeMeta(error, context);
  if (meta === null) return failure(rendered, error);
  const data = isJsonObject(rendered.data) ? rendered.data : {};
  return failure({ ...rendered, data: { ...data, _meta: meta } }, error);
}

export function result(value: Json, cache?: CacheHint): FinalOutcome {
  return { kind: 'result', json: JSON.stringify(value), ...(cache === undefined ? {} : { cache }) };
}

/** Answers with a method, key and limit checked first. Never throws. */
export async function runMethod(
  method: Method,
  params: Parameters<Method['answer']>[0],
  context: MethodContext,
): Promise<Outcome> {
  const { server } = context;
  try {
    if (method.needsKey(server.contract)) {
      const caller = await context.authenticate();
      if (method.limited) countCall(server.limits, 'reading', caller);
    }
  } catch (thrown) {
    return refuse(toPublicError(thrown, server), context);
  }
  try {
    return await method.answer(params, context);
  } catch (thrown) {
    return toFailure(toPublicError(thrown, server), server);
  }
}

/** An error of the services as one of the protocol, outside of `tools/call`, whose results have a place for errors. */
export function toFailure(error: ErrandError, { contract }: ServerParts): Extract<FinalOutcome, { kind: 'error' }> {
  switch (error.code) {
    case 'unauthenticated':
    case 'rate_limited':
      return failure(contract.renderRefusal(error), error);
    case 'forbidden':
      return failure(contract.renderRefusal(error), neededScope(error) === null ? null : error);
    case 'not_found':
    case 'invalid_input':
    case 'conflict':
      return failure(rpcError('invalidParams', fullMessage(error)));
    default:
      return failure(rpcError('internalError', error.message));
  }
}
