import type { ErrorCode } from '../../core/errors.js';

/** The HTTP status of each error. */
export const ERROR_STATUS = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  invalid_input: 400,
  invalid_definition: 422,
  conflict: 409,
  insufficient_credits: 402,
  not_configured: 409,
  rate_limited: 429,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;
