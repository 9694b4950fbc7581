import type { ErrandError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Logger } from '../../core/logger.js';
import type { Principal } from '../../core/principal.js';
import type { RateLimiter } from '../../core/rate-limiter.js';
import type { NewId } from '../../core/clock.js';
import type { Services } from '../../service/services.js';
import type { Contract } from '../contract.js';
import type { RpcError } from '../json-rpc.js';

/** One era of the protocol: which revisions it has and what each of them lets a client ask. */
export interface Codec {
  /** Newest first. */
  readonly revisions: readonly string[];
  /** Null when the revision has no such method. */
  findMethod(revision: string, method: string): Method | null;
  /** Whether a body may hold several messages. */
  allowsBatches(revision: string): boolean;
}

export interface Method {
  /** Answered before the client knows what it may say, so no revision has to be agreed on and it stands alone. */
  readonly opens: boolean;
  readonly needsKey: boolean;
  answer(params: JsonObject, context: MethodContext): Outcome | Promise<Outcome>;
}

export type Outcome =
  /** `json` is the text of the result. */
  | { readonly kind: 'result'; readonly json: string }
  /** `refusal` is set when the transport is to show the failure too. */
  | { readonly kind: 'error'; readonly error: RpcError; readonly refusal: ErrandError | null };

/** What a contract is served with. */
export interface McpOptions {
  readonly contract: Contract;
  readonly services: Services;
  readonly limits: { readonly mutating: RateLimiter; readonly reading: RateLimiter };
  readonly logger: Logger;
  /** For the ids that tie an internal error's answer to its log line. */
  readonly newId: NewId;
  readonly version: string;
}

export interface MethodContext extends McpOptions {
  /** Throws `unauthenticated`. */
  readonly authenticate: () => Promise<Principal>;
  /** The contract's tools, serialized once: the text of a JSON array. */
  readonly toolsJson: string;
}
