import { errorMessage } from '../../../core/errors.js';
import { NodeFailure } from '../../../core/handlers/node-kind.js';
import { BrokenBody, ForbiddenAddress } from '../../../core/ports/outbound.js';

/** Something that was thrown, as it goes from process to process. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly kind?: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly anew?: true;
  /** Of a forbidden address. */
  readonly what?: string;
  readonly isInternal?: boolean;
  readonly cause?: WireError;
}

const DEEPEST_CAUSE = 3;
const MAX_TEXT = 20_000;

/** Of whatever was thrown; getters of others' errors may throw in turn. */
export function packError(thrown: unknown, depth = 0): WireError {
  const message = errorMessage(thrown).slice(0, MAX_TEXT);
  try {
    return { name: 'Error', stack: '', ...fieldsOf(thrown, depth), message };
  } catch {
    return { name: 'Error', stack: '', message };
  }
}

function fieldsOf(thrown: unknown, depth: number): Partial<WireError> {
  if (typeof thrown !== 'object' || thrown === null) return {};
  const { name, stack, kind, code, retryable, retryAfterMs, anew, what, isInternal, cause } = thrown as {
    readonly [field: string]: unknown;
  };
  const hasCause = cause !== undefined && cause !== null && depth < DEEPEST_CAUSE;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof stack === 'string' ? { stack: stack.slice(0, MAX_TEXT) } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
    ...(anew === true ? { anew } : {}),
    ...(typeof what === 'string' ? { what } : {}),
    ...(typeof isInternal === 'boolean' ? { isInternal } : {}),
    ...(hasCause ? { cause: packError(cause, depth + 1) } : {}),
  };
}

/**
 * The same error over here: of the same class where that is one of Errand's or the platform's, else with the same
 * fields.
 */
export function unpackError(wire: WireError): Error {
  const error = create(wire);
  if (wire.stack !== '')
    Object.defineProperty(error, 'stack', { value: wire.stack, configurable: true, writable: true });
  return error;
}

function create(wire: WireError): Error {
  const { name, message, kind, code, retryable, retryAfterMs, anew } = wire;
  const cause = wire.cause === undefined ? {} : { cause: unpackError(wire.cause) };
  const told = {
    ...(kind === undefined ? {} : { kind }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(anew === undefined ? {} : { anew }),
  };
  if (name === 'NodeFailure') return new NodeFailure(message, { ...told, ...cause });
  if (name === 'AbortError' || name === 'TimeoutError') return new DOMException(message, name);
  const bare = bareError(wire, cause);
  return Object.assign(bare, told, code === undefined || 'code' in bare ? {} : { code });
}

function bareError({ name, message, what, isInternal }: WireError, cause: { readonly cause?: Error }): Error {
  if (name === 'ForbiddenAddress') return new ForbiddenAddress(what ?? '', isInternal ?? false);
  if (name === 'BrokenBody') return new BrokenBody(cause.cause);
  if (name === 'TypeError') return new TypeError(message, cause);
  if (name === 'RangeError') return new RangeError(message, cause);
  const error = new Error(message, cause);
  if (name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return error;
}
