import { ErrandError } from '../../core/errors.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { Exchange, HeaderFields } from '../transport/exchange.js';
import { jsonReply, type Reply } from '../transport/replies.js';
import { type RenderedRun, runReply } from './run-reply.js';

/** 1 to 200 printable characters. */
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The key under which a call is repeated: from the header `Idempotency-Key`, in quotes or bare, or from the body's
 * field where the endpoint has one. Throws `invalid_input` for a header that is no key, and when the two say different
 * things.
 */
export function idempotencyKeyOf(exchange: Exchange, field?: string): { readonly idempotencyKey?: string } {
  const header = exchange.header('idempotency-key');
  if (header === undefined) return field === undefined ? {} : { idempotencyKey: field };
  const quoted = /^"([^"\\]*)"$/.exec(header)?.[1];
  if (field !== undefined && field !== header && field !== quoted) {
    throw new ErrandError(
      'invalid_input',
      'The header Idempotency-Key and the field idempotency_key say different things. Give one of them, or the same key in both.',
      { problems: [{ path: '/idempotency_key', message: 'differs from the header Idempotency-Key' }] },
    );
  }
  const key = field ?? quoted ?? header;
  if (key.length <= PAYLOAD_LIMITS.idempotencyKey && KEY.test(key)) return { idempotencyKey: key };
  throw new ErrandError(
    'invalid_input',
    `The header Idempotency-Key must have 1 to ${PAYLOAD_LIMITS.idempotencyKey} printable ASCII characters.`,
  );
}

/** As `madeReply`, for a run. */
export function madeRunReply(run: RenderedRun, created: boolean): Reply {
  return created ? runReply(run, 201) : runReply(run, 200, REPLAYED);
}

/** 201 for what a call has made, 200 for what an earlier call with the same idempotency key made. */
export function madeReply(value: object, created: boolean): Reply {
  return created ? jsonReply(value, 201) : jsonReply(value, 200, REPLAYED);
}

const REPLAYED: HeaderFields = { 'idempotency-replayed': 'true' };
