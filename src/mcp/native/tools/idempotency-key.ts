import { ErrandError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';

/**
 * Where a program puts its idempotency key in `_meta` of a call of a workflow's tool, whose arguments are the
 * workflow's own.
 */
export const IDEMPOTENCY_META = 'dev.errand/idempotencyKey';

/** Null when there is none, or when it is null or an empty text. Throws `invalid_input`. */
export function readIdempotencyKey(meta: JsonObject): string | null {
  const key = meta[IDEMPOTENCY_META] ?? null;
  if (key === null || key === '') return null;
  if (typeof key === 'string') return key;
  throw new ErrandError('invalid_input', `_meta["${IDEMPOTENCY_META}"] must be a string of 1 to 200 characters.`);
}
