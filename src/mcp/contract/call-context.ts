import type { Json, JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { Services } from '../../service/interface/services.js';

/** What is known of the client that asks, from this request alone: nothing is kept between requests. */
export interface ClientView {
  /** `handshake`: the revisions that open with `initialize`; `stateless`: those after them. */
  readonly era: 'handshake' | 'stateless';
  readonly revision: string;
  /** As declared on this request; empty in the handshake era, where they are declared once and nothing is kept. */
  readonly capabilities: JsonObject;
  /**
   * How this request may be answered with a task: not at all; because it asked for one (the `task` parameter of
   * 2025-11-25: it must be); or because the client declared the Tasks extension (it may be).
   */
  readonly tasks: 'none' | 'requested' | 'extension';
  /** How long the client asks its task to be kept, in milliseconds; null when it does not say. */
  readonly taskTtlMs: number | null;
}

/** Who asks, how, and with what to answer. */
export interface CallContext {
  readonly services: Services;
  readonly caller: Principal;
  readonly client: ClientView;
  /**
   * Aborts when nobody waits for the answer any more: the client has gone or has cancelled its request, or the server
   * stops.
   */
  readonly signal: AbortSignal;
}

/** What a call sends to its client while it works. Nothing is sent once the call has ended. */
export interface Notifier {
  /** Dropped when `progress` has not grown since the last report, and when the client gave no progress token. */
  progress(report: { readonly progress: number; readonly total?: number; readonly message?: string }): void;
  /** Dropped below the level that the client asked for, and when it asked for none. */
  log(entry: { readonly level: LogLevel; readonly logger?: string; readonly data: JsonObject | string }): void;
  /** Any other message on the call's stream; handshake era only. Answers to requests come to `Contract.onResponse`. */
  send(message: JsonObject): void;
}

/** Least urgent first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a client brings along when it asks again after `input_required`. */
export interface InputAnswers {
  /** By the keys of the input requests; each answer is an object, else unchecked. Empty at first. */
  readonly inputResponses: JsonObject;
  /** The state that went out with the requests, proven to be ours and this caller's; null at first. */
  readonly requestState: Json;
}

/** What must be known first; stateless era only. The client answers by asking again. */
export interface InputRequired {
  readonly kind: 'input_required';
  /**
   * By keys of the tool's own; each is a request of the protocol (`elicitation/create`, …) that the client declared it
   * can answer.
   */
  readonly inputRequests: JsonObject;
  /** Goes out sealed. */
  readonly requestState?: Json;
}
