import type { HandlerContext } from '../../../core/handlers/node-kind.js';
import type { ModuleFault, ModuleReport } from '../../../core/handlers/module-report.js';
import type { Json, JsonObject } from '../../../core/json.js';
import type { OutboundInit } from '../../../core/ports/outbound.js';
import type { WireError } from './errors.js';
import type { Pieces, WireValue } from './large-values.js';

/** What a handler is told at once; the rest of its context is asked for. */
export type WireContext = { readonly input: WireValue } & ToldContext;

export type ToldContext = Pick<
  HandlerContext,
  'idempotencyKey' | 'attempt' | 'instruction' | 'node' | 'run' | 'organization'
>;

/** A body of a request: text, or bytes in base64. */
export type WireBody = { readonly text: string } | { readonly bytes: string };

export interface WireRequest {
  readonly url: string;
  readonly method: string | null;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: WireBody | null;
  readonly redirect: NonNullable<OutboundInit['redirect']> | null;
  readonly hosts: 'public' | 'any' | null;
}

export interface WireResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly url: string;
  readonly redirected: boolean;
  readonly hasBody: boolean;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a call asks of the server; each has one answer. */
export type Question =
  | { readonly kind: 'step'; readonly key: string }
  | { readonly kind: 'generate'; readonly request: Json; readonly wantsText: boolean }
  | { readonly kind: 'fetch'; readonly request: WireRequest }
  | { readonly kind: 'secret'; readonly name: string }
  /** The next piece of the body that the answer to question `of` has. */
  | { readonly kind: 'pull'; readonly of: number };

/** Whose line it is, for one that comes when the call has ended. */
export interface Place {
  readonly organizationId: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
}

/** From the server to a worker. `call` is unique for the worker, `id` too. */
export type ToWorker =
  | Pieces
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly file: string;
      readonly export: string;
      readonly nodeId: string | null;
      /** Begins by then, in epoch milliseconds, or not at all; null: whenever. */
      readonly by: number | null;
      readonly context: WireContext;
    }
  | { readonly kind: 'inspect'; readonly call: number; readonly file: string }
  /**
   * Of the calls that were sent before this, those that are not begun have been given to others. Those that come after
   * it are to be begun. `begun` is the newest of those that are.
   */
  | { readonly kind: 'reopen'; readonly closing: number; readonly begun: number }
  | { readonly kind: 'abort'; readonly call: number; readonly error: WireError }
  /** The work of a step is to be done, if it begins by then (see `call`). */
  | { readonly kind: 'work'; readonly id: number; readonly by: number | null }
  | { readonly kind: 'answer'; readonly id: number; readonly value: WireValue }
  | { readonly kind: 'refuse'; readonly id: number; readonly error: WireError }
  /** The text of a model's answer so far. */
  | { readonly kind: 'text'; readonly id: number; readonly text: string };

export type FromWorker =
  | Pieces
  | { readonly kind: 'ready' }
  /** These are being done, and have not ended at once. */
  | { readonly kind: 'begun'; readonly calls: readonly number[] }
  /** It was not begun, as others are to do so, or as it came too late. */
  | { readonly kind: 'returned'; readonly call: number; readonly isLate: boolean }
  | { readonly kind: 'done'; readonly call: number; readonly value: WireValue }
  | { readonly kind: 'failed'; readonly call: number; readonly error: WireError }
  | { readonly kind: 'inspected'; readonly call: number; readonly report: ModuleReport }
  | { readonly kind: 'faulty'; readonly call: number; readonly fault: ModuleFault }
  | { readonly kind: 'ask'; readonly call: number; readonly id: number; readonly question: Question }
  /** The work of the step `id` was not begun, as it came too late. */
  | { readonly kind: 'late'; readonly call: number; readonly id: number }
  /** What the work of the step `id` came to. */
  | { readonly kind: 'worked'; readonly call: number; readonly id: number; readonly value: WireValue }
  | { readonly kind: 'unworked'; readonly call: number; readonly id: number; readonly error: WireError }
  /** The answer to question `id` is not wanted any more. */
  | { readonly kind: 'drop'; readonly call: number; readonly id: number }
  | {
      readonly kind: 'report';
      readonly call: number;
      readonly progress: { readonly percent: number; readonly message: string | null } | null;
      readonly findings: string | null;
    }
  | {
      readonly kind: 'log';
      readonly call: number;
      readonly place: Place | null;
      readonly level: LogLevel;
      readonly fields: JsonObject;
      readonly message: string;
    };

/**
 * What a process says beside its messages, a line of JSON each: it can be said in the midst of a long computation, and
 * last of all.
 */
export type Notice =
  /** It is alive. */
  | { readonly kind: 'beat' }
  /**
   * It has not got round to its event loop for a while, in this call; 0: in none that is known. Calls after `begun` are
   * not begun, and will not be before `reopen` with the same `closing`, which counts from 1.
   */
  | { readonly kind: 'busy'; readonly call: number; readonly begun: number; readonly closing: number }
  | { readonly kind: 'free' }
  /** It ends now. */
  | {
      readonly kind: 'dying';
      readonly why: 'exit' | 'uncaught' | 'out_of_memory';
      readonly call: number;
      readonly message: string;
    };
