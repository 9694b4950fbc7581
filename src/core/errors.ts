import type { Json } from './json.js';

/**
 * Every way in which Errand refuses or fails. A closed union: `http/` and `mcp/` each own one table
 * from these codes to their wire, and the compiler holds those tables complete.
 */
export type ErrorCode =
  | 'unauthenticated' // no key, or one that is malformed, unknown, expired or revoked
  | 'forbidden' // the key is good but lacks the scope
  | 'not_found' // no such thing, or it belongs to another organization: the two are never told apart
  | 'invalid_input' // an argument or a workflow's input is wrong; details name each offending path
  | 'invalid_definition' // a workflow definition has faults
  | 'conflict' // the thing is in a state that does not allow this
  | 'insufficient_credits'
  | 'not_configured' // something must be set on the server or for the organization first; the message says what
  | 'rate_limited'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'unavailable' // shutting down, or the store cannot write just now
  | 'internal';

/** What is wrong at one place of an input: a JSON pointer and a sentence. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export interface ErrandErrorOptions {
  readonly problems?: readonly Problem[];
  /** Machine-readable extras, safe to show to the caller. */
  readonly details?: { readonly [key: string]: Json };
  /** For `rate_limited` and `unavailable`: how long to wait, in whole seconds. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The one error class. Its message is written for the caller: what is wrong, where, what to do. */
export class ErrandError extends Error {
  override readonly name = 'ErrandError';
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly details: { readonly [key: string]: Json };
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, message: string, options: ErrandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

export function isErrandError(value: unknown): value is ErrandError {
  return value instanceof ErrandError;
}

/** The text of anything that was thrown. */
export function errorMessage(thrown: unknown): string {
  try {
    if (typeof thrown === 'string') return thrown;
    if (typeof thrown === 'number' || typeof thrown === 'bigint' || typeof thrown === 'boolean') return String(thrown);
    if (typeof thrown !== 'object' || thrown === null) return UNKNOWN;
    // Not only errors carry messages, and what other people's code throws may carry anything.
    const message: unknown = 'message' in thrown ? thrown.message : undefined;
    if (typeof message === 'string' && message !== '') return message;
    return thrown instanceof Error && typeof thrown.name === 'string' && thrown.name !== '' ? thrown.name : UNKNOWN;
  } catch {
    return UNKNOWN; // a getter or a proxy that throws
  }
}

const UNKNOWN = 'unknown error';
