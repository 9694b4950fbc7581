import type { JsonObject } from '../../../core/json.js';
import type { ClientView, LogLevel } from '../../contract/call-context.js';
import type { EraRules, FinalOutcome, HeaderReader, Method, ServerParts } from './method.js';

/** One way of speaking the protocol: what a request needs to be taken, and what its answer looks like. */
export interface Era {
  /** Checks what the era demands of a request and finds what answers it. Does not throw. */
  open(asked: IncomingRequest): OpenedRequest | Extract<FinalOutcome, { kind: 'error' }>;
  /** The text of a result. */
  render(outcome: Exclude<FinalOutcome, { kind: 'error' }>, server: ServerParts): string;
}

export interface IncomingRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
  readonly headers: HeaderReader | null;
  readonly server: ServerParts;
}

export interface OpenedRequest {
  readonly method: Method;
  readonly client: ClientView;
  readonly rules: EraRules;
  readonly logLevel: LogLevel | null;
}
